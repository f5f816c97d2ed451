/**
 * A file inside a message: a picture, a film with a still, a voice message, or a file.
 *
 * Large things are fetched only when somebody asks for them. Before a request was
 * accepted there is no chat, and so nothing of it is ever fetched.
 */
import { html, useState } from '../html.mjs';
import { size, t } from '../i18n.mjs';
import { wordsOf } from '../parts/failure.mjs';
import { Icon } from '../parts/icon.mjs';
import { calm } from '../parts/name.mjs';
import { Problem } from '../parts/states.mjs';
import { openOverlay } from '../shell/overlay.mjs';
import { Attachment } from '../talk/attachment.mjs';
import { isUnshown } from '../transfer.mjs';
import { FETCHED_UNASKED, isOtherPicture, kindOf } from './kinds.mjs';
import { Sound } from './sound.mjs';
import { useMedia } from './use_media.mjs';
import { usePoster } from './use_poster.mjs';

/** @typedef {import('../types.mjs').Message} Message */

/** @param {{message: Message}} props */
export function InlineMedia({ message }) {
  const file = message.file;
  if (!file) return null;
  const kind = message.state === 'queued' || message.state === 'failed' ? 'file' : kindOf(file.media_type);
  if (kind === 'picture' || kind === 'video') return html`<${Shown} message=${message} kind=${kind} />`;
  if (kind === 'audio') return html`<${Sound} message=${message} />`;
  const why = isOtherPicture(file.media_type) ? t('error.file_not_shown') : '';
  return html`<${Attachment} message=${message} why=${why} />`;
}

/** @param {{message: Message, kind: 'picture' | 'video'}} props */
function Shown({ message, kind }) {
  const file = /** @type {NonNullable<Message['file']>} */ (message.file);
  const [wanted, setWanted] = useState(file.size <= FETCHED_UNASKED);
  const [broken, setBroken] = useState(false);
  const { url, failure, again } = useMedia(message, wanted);
  const open = () => openOverlay('viewer', { chat: message.chat, first: message });
  if (isUnshown(failure)) return html`<${Attachment} message=${message} why=${wordsOf(failure).message} />`;
  if (broken) return html`<${Attachment} message=${message} why=${t('media.broken')} />`;
  if (failure) return html`<${Problem} failure=${failure} retry=${again} />`;
  if (!wanted) {
    const label = t(`media.fetch.${kind}`, { size: size(file.size) });
    return html`<button type="button" class="media-wait" onClick=${() => setWanted(true)}>
      <${Icon} name=${kind === 'video' ? 'play' : 'download'} /><span>${label}</span>
    </button>`;
  }
  if (!url) return html`<span class="media-wait" role="status"><span class="spinner" /><span class="unseen">${t('common.wait')}</span></span>`;
  const name = calm(file.name);
  if (kind === 'video') return html`<${Film} url=${url} name=${name} message=${message} onOpen=${open} />`;
  return html`<button type="button" class="media-picture" aria-label=${t('media.open_picture', { name })} onClick=${open}>
    <img src=${url} alt=${name} loading="lazy" decoding="async" onError=${() => setBroken(true)} />
  </button>`;
}

/** @param {{url: string, name: string, message: Message, onOpen: () => void}} props */
function Film({ url, name, message, onOpen }) {
  const poster = usePoster(url);
  if (poster.broken) return html`<${Attachment} message=${message} why=${t('media.broken')} />`;
  return html`<button type="button" class="media-picture film" aria-label=${t('media.open_video', { name })} onClick=${onOpen}>
    ${poster.url && html`<img src=${poster.url} alt="" decoding="async" />`}
    <span class="film-play"><${Icon} name="play" /></span>
    ${poster.length && html`<span class="film-length" aria-hidden="true">${poster.length}</span>`}
  </button>`;
}
