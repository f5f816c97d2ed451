/** A voice message or another sound, played where it stands. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { duration, t } from '../i18n.mjs';
import { wordsOf } from '../parts/failure.mjs';
import { Icon } from '../parts/icon.mjs';
import { Problem } from '../parts/states.mjs';
import { Attachment } from '../talk/attachment.mjs';
import { isUnshown } from '../transfer.mjs';
import { useMedia } from './use_media.mjs';

/** @param {{message: import('../types.mjs').Message}} props */
export function Sound({ message }) {
  const [wanted, setWanted] = useState(false);
  const [broken, setBroken] = useState(false);
  const { url, failure, again } = useMedia(message, wanted);
  if (isUnshown(failure)) return html`<${Attachment} message=${message} why=${wordsOf(failure).message} />`;
  if (failure) return html`<${Problem} failure=${failure} retry=${again} />`;
  if (broken) return html`<${Attachment} message=${message} />`;
  if (!url) {
    return html`<button
      type="button"
      class="sound"
      aria-busy=${wanted ? 'true' : undefined}
      aria-label=${t('media.play_voice')}
      onClick=${() => setWanted(true)}
    >
      ${wanted ? html`<span class="spinner" />` : html`<${Icon} name="play" />`}
      <span class="sound-line" aria-hidden="true" />
      <span class="sound-time">${t('media.voice')}</span>
    </button>`;
  }
  return html`<${Player} url=${url} onBroken=${() => setBroken(true)} />`;
}

/** @param {{url: string, onBroken: () => void}} props */
function Player({ url, onBroken }) {
  const audio = useRef(/** @type {HTMLAudioElement | null} */ (null));
  const [at, setAt] = useState({ now: 0, end: 0, playing: true });
  useEffect(() => {
    // Refused where the browser wants another click: then it waits for one.
    audio.current?.play().catch(() => setAt((before) => ({ ...before, playing: false })));
  }, []);
  const hear = (/** @type {any} */ event) => {
    const { currentTime, duration: end, paused } = event.target;
    setAt({ now: currentTime, end: Number.isFinite(end) ? end : 0, playing: !paused });
  };
  const toggle = () => (at.playing ? audio.current?.pause() : audio.current?.play());
  const seek = (/** @type {any} */ event) => {
    if (audio.current) audio.current.currentTime = Number(event.target.value);
  };
  return html`<span class="sound" role="group" aria-label=${t('media.voice')}>
    <button
      type="button"
      class="icon-button"
      aria-label=${at.playing ? t('media.pause') : t('media.play_voice')}
      onClick=${toggle}
    >
      <${Icon} name=${at.playing ? 'pause' : 'play'} />
    </button>
    <input
      type="range"
      min="0"
      max=${at.end || at.now || 1}
      step="0.1"
      value=${at.now}
      aria-label=${t('media.place')}
      aria-valuetext=${duration(at.now)}
      onInput=${seek}
    />
    <span class="sound-time">${duration(at.playing || at.now ? at.now : at.end)}</span>
    <audio
      ref=${audio}
      src=${url}
      onTimeUpdate=${hear}
      onLoadedMetadata=${hear}
      onPlay=${hear}
      onPause=${hear}
      onError=${onBroken}
    />
  </span>`;
}
