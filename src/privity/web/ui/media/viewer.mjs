/** Pictures and films at full size, over everything; arrows go through the chat's. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { direction, moment, t } from '../i18n.mjs';
import { IconButton } from '../parts/button.mjs';
import { Name, calm } from '../parts/name.mjs';
import { Problem } from '../parts/states.mjs';
import { NOTHING, collect } from './collect.mjs';
import { isShown, kindOf } from './kinds.mjs';
import { saveAttachment } from '../talk/attachment.mjs';
import { isUnshown } from '../transfer.mjs';
import { useMedia } from './use_media.mjs';
import { NEAREST, Zoomed, zoomBy } from './zoom.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{chat: string, first: Message, onClose: () => void}} props */
export function Viewer({ chat, first, onClose }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const { message, step, canStep } = useNeighbours(chat, first);
  const [zoom, setZoom] = useState(1);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => setZoom(1), [message.message]);
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const older = direction.value === 'rtl' ? 'ArrowRight' : 'ArrowLeft';
    if (event.target instanceof HTMLVideoElement) return;
    if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') step(event.key === older ? 1 : -1);
    else if (event.key === '+' || event.key === '=') setZoom(zoomBy(zoom, 1));
    else if (event.key === '-') setZoom(zoomBy(zoom, -1));
    else if (event.key === '0') setZoom(1);
    else return;
    event.preventDefault();
  };
  const cancel = (/** @type {Event} */ event) => {
    event.preventDefault();
    onClose();
  };
  return html`<dialog
    ref=${box}
    class="viewer"
    aria-label=${t('viewer.title', { name: calm(message.file?.name ?? '') })}
    onCancel=${cancel}
    onKeyDown=${keys}
  >
    <${Top} message=${message} zoom=${zoom} onZoom=${setZoom} onClose=${onClose} />
    <${Stage} key=${message.message} message=${message} zoom=${zoom} onZoom=${setZoom} />
    ${canStep(1) &&
    html`<${IconButton} class="viewer-step older" icon="back" label=${t('viewer.older')} onClick=${() => step(1)} />`}
    ${canStep(-1) &&
    html`<${IconButton} class="viewer-step newer" icon="chevron" label=${t('viewer.newer')} onClick=${() => step(-1)} />`}
  </dialog>`;
}

/**
 * @param {{message: Message, zoom: number, onZoom: (zoom: number) => void, onClose: () => void}} props
 */
function Top({ message, zoom, onZoom, onClose }) {
  const file = message.file;
  const picture = kindOf(file?.media_type ?? '') === 'picture';
  const save = () => saveAttachment(message);
  return html`<header class="viewer-top">
    <div class="who">
      <${Name} text=${message.sender.name} />
      <span class="under"><${Name} text=${file?.name ?? ''} /><span>${moment(message.time)}</span></span>
    </div>
    ${picture &&
    html`
      <${IconButton} icon="minus" label=${t('viewer.smaller')} disabled=${zoom <= 1} onClick=${() => onZoom(zoomBy(zoom, -1))} />
      <${IconButton} icon="add" label=${t('viewer.larger')} disabled=${zoom >= NEAREST} onClick=${() => onZoom(zoomBy(zoom, 1))} />
    `}
    <${IconButton} icon="download" label=${t('media.save', { name: calm(file?.name ?? '') })} onClick=${save} />
    <${IconButton} icon="close" label=${t('common.close')} onClick=${onClose} />
  </header>`;
}

/** @param {{message: Message, zoom: number, onZoom: (zoom: number) => void}} props */
function Stage({ message, zoom, onZoom }) {
  const { url, failure, again } = useMedia(message, true);
  const [broken, setBroken] = useState(false);
  const spoil = () => setBroken(true);
  const inside = () => {
    if (failure) return html`<${Problem} failure=${failure} retry=${isUnshown(failure) ? undefined : again} />`;
    if (broken) return html`<p>${t('media.broken')}</p>`;
    if (!url) return html`<span class="spinner large" role="status"><span class="unseen">${t('common.wait')}</span></span>`;
    if (kindOf(message.file?.media_type ?? '') === 'video') {
      return html`<video src=${url} controls playsinline onError=${spoil} />`;
    }
    return html`<${Zoomed} zoom=${zoom} onZoom=${onZoom}>
      <img src=${url} alt=${altOf(message)} onError=${spoil} draggable=${false} />
    <//>`;
  };
  return html`<div class="viewer-stage">${inside()}</div>`;
}

/** What a picture is called for those who can't see it. @param {Message} message */
function altOf({ sender, file, text, time }) {
  const described = text || calm(file?.name ?? '');
  return t('viewer.alt', { what: described, name: calm(sender.name), time: moment(time) });
}

/**
 * The picture that is shown, and its neighbours in the chat, older ones behind it.
 * @param {string} chat
 * @param {Message} first
 */
function useNeighbours(chat, first) {
  const [message, setMessage] = useState(first);
  const [found, setFound] = useState(NOTHING);
  const shown = found.files.filter(isShown);
  const at = shown.findIndex((one) => one.message === message.message);
  useEffect(() => {
    const atEnd = at === -1 || at === shown.length - 1;
    if (atEnd && found.more) collect(chat, found).then(setFound, () => null);
  }, [chat, at, found]);
  const neighbour = (/** @type {1 | -1} */ by) => (at === -1 ? undefined : shown[at + by]);
  return {
    message,
    canStep: (/** @type {1 | -1} */ by) => neighbour(by) !== undefined,
    step: (/** @type {1 | -1} */ by) => setMessage(neighbour(by) ?? message),
  };
}
