/** Looking closer at a picture: by button, key, wheel or double click; then it scrolls. */
import { html, useLayoutEffect, useRef } from '../html.mjs';
import { t } from '../i18n.mjs';

export const NEAREST = 6;
const STEP = 1.5;

/**
 * @param {number} zoom
 * @param {1 | -1} by
 */
export function zoomBy(zoom, by) {
  const next = by > 0 ? zoom * STEP : zoom / STEP;
  return next < 1.05 ? 1 : Math.min(NEAREST, next);
}

/** @param {{zoom: number, onZoom: (zoom: number) => void, children?: any}} props */
export function Zoomed({ zoom, onZoom, children }) {
  const pane = useRef(/** @type {HTMLElement | null} */ (null));
  const inside = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    inside.current?.style.setProperty('--zoom', String(zoom));
    const box = pane.current;
    // What was in the middle stays there.
    if (box) box.scrollTo((box.scrollWidth - box.clientWidth) / 2, (box.scrollHeight - box.clientHeight) / 2);
  }, [zoom]);
  const wheel = (/** @type {WheelEvent} */ event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    onZoom(zoomBy(zoom, event.deltaY < 0 ? 1 : -1));
  };
  return html`<div
    ref=${pane}
    class="zoom-pane"
    tabindex=${zoom > 1 ? 0 : -1}
    role="group"
    aria-label=${t('viewer.pane')}
    onWheel=${wheel}
    onDblClick=${() => onZoom(zoom > 1 ? 1 : 2.25)}
  >
    <div ref=${inside} class="zoom-inside">${children}</div>
  </div>`;
}
