/** Line drawings on a grid of 24; they take the colour of the text beside them. */
import { html } from '../html.mjs';

/** @type {Readonly<Record<string, string>>} */
const PATHS = {
  add: 'M12 5v14M5 12h14',
  archive: 'M4 5h16v4H4zM5.5 9v10h13V9M10 13h4',
  attach: 'M20 11.5l-8.2 8.2a5 5 0 0 1-7-7l8.6-8.6a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8',
  back: 'M15 5l-7 7 7 7',
  bell: 'M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4',
  block: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 10a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8z',
  chat: 'M4 5h16v11H10l-4.5 4V16H4z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  chevron: 'M9 5l7 7-7 7',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 7.500V12l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  down: 'M12 5v13M6 12.5l6 6 6-6',
  download: 'M12 4v11M7 10.5l5 5 5-5M5 20h14',
  edit: 'M4.5 19.5l1-4L16 5l3 3L8.5 18.5zM13.5 7.5l3 3',
  emoji: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM8.5 14a4 4 0 0 0 7 0M9 9.5v.6M15 9.5v.6',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z',
  file: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4',
  gear: 'M12 8.8a3.2 3.2 0 1 0 0 6.4 3.2 3.2 0 0 0 0-6.4zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  group: 'M9 5.5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM3 19c.4-3.4 2.9-5 6-5s5.6 1.6 6 5M16 6a2.6 2.6 0 0 1 0 5.200M17 14.200c2.3.4 3.7 2 4 4.8',
  info: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM12 11v5.500M12 7.600v.4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.3-3.300a4 4 0 0 0-5.7-5.700L12 6.300M14 10a4 4 0 0 0-5.7 0L5 13.300a4 4 0 0 0 5.7 5.700l1.3-1.3',
  lock: 'M6 10.500h12v9.500H6zM8.5 10.500V8a3.5 3.5 0 0 1 7 0v2.500M12 14v2.5',
  mic: 'M12 3.500a2.7 2.7 0 0 0-2.7 2.700v5.300a2.7 2.7 0 0 0 5.4 0V6.200A2.7 2.7 0 0 0 12 3.500zM6 11.500a6 6 0 0 0 12 0M12 17.500V21',
  minus: 'M5 12h14',
  more: 'M12 5.500v.4M12 11.800v.4M12 18.100v.4',
  mute: 'M6 16V11a6 6 0 0 1 9.5-4.900M18 11v5l1.5 2h-12M10 20.500h4M4 4l16 16',
  offline: 'M4 4l16 16M8 9.500A9.5 9.5 0 0 0 5 11.800M12 8.500a10 10 0 0 1 7 3.300M8.5 15a5 5 0 0 1 5.5-.9M12 18.500v.3',
  pause: 'M9 6v12M15 6v12',
  person: 'M12 4.500a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.400zM4.5 20c.6-3.7 3.6-5.5 7.5-5.500s6.9 1.8 7.5 5.5',
  pin: 'M9 4h6l-.7 6 3.2 3.500h-11L9.7 10zM12 13.500V20',
  play: 'M8 5.500l11 6.5-11 6.500z',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500H14zM17.5 17.500H20V20h-2.500zM17.5 14H20M14 20v-.5',
  reply: 'M10 6l-6 5.500L10 17M4.5 11.500H13c4 0 6.5 2 7 6.5',
  request: 'M10 4.500a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM3 19.500c.5-3.5 3.4-5 7-5 1.5 0 2.9.3 4 .8M18 14.500v6M15 17.500h6',
  retry: 'M19 12a7 7 0 1 1-2.2-5.100M17.5 3v4.200h-4.2',
  search: 'M10.5 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5',
  send: 'M4 12L20 4.5 15 20l-3.5-6.500zM11.5 13.500L20 4.5',
  shield: 'M12 3.500l7 2.500v5.500c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6zM8.8 12l2.3 2.3 4.2-4.3',
  stop: 'M7 7h10v10H7z',
  trash: 'M5 7h14M9.5 7V4.500h5V7M7 7l.8 13h8.400L17 7M10.5 11v5M13.5 11v5',
  warning: 'M12 4l9 16H3zM12 10v5M12 17.300v.4',
};

/** The names that there are. */
export const ICONS = Object.freeze(Object.keys(PATHS));

/** Drawings that point along the line of reading, and so are mirrored with it. */
const DIRECTED = new Set(['back', 'chevron', 'reply', 'send']);

/** @param {{name: string}} props */
export function Icon({ name }) {
  return html`<svg
    class=${DIRECTED.has(name) ? 'icon directed' : 'icon'}
    viewBox="0 0 24 24"
    aria-hidden="true"
    focusable="false"
  >
    <path d=${PATHS[name]} />
  </svg>`;
}
