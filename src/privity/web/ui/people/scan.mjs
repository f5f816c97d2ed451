/** Reading somebody's QR code: by the camera, from a picture, or by pasting its text. */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Dialog } from '../parts/dialog.mjs';
import { Field } from '../parts/field.mjs';
import { Section } from '../parts/page.mjs';
import { Problem } from '../parts/states.mjs';
import { codeIn, codeOfPicture } from './codes.mjs';

const LOOKS_EVERY = 200;

/** Whether this browser reaches a camera. */
export function canScan() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/** @param {{onRead: (text: string) => Promise<void>}} props */
export function Scan({ onRead }) {
  const [pasted, setPasted] = useState('');
  const reading = useReading(async (text) => {
    setPasted('');
    await onRead(text);
  });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (pasted.trim()) reading.take(pasted);
  };
  return html`<${Section} title=${t('scan.title')} text=${canScan() ? t('scan.hint') : t('scan.hint_paste')}>
    ${reading.ways}
    <form class="row-form" onSubmit=${submit} onPaste=${reading.paste}>
      <${Field}
        label=${t('scan.paste')}
        value=${pasted}
        onInput=${setPasted}
        dir="ltr"
        autocomplete="off"
        spellcheck=${false}
        maxlength="2048"
      />
      <${Button} type="submit" disabled=${!pasted.trim()}>${t('scan.compare')}<//>
    </form>
  <//>`;
}

/**
 * The ways to read a code, and what came of the last one: `ways` are the buttons,
 * `paste` hears a picture that is pasted, `take` what was read otherwise.
 * @param {(text: string) => Promise<void> | void} onRead
 */
export function useReading(onRead) {
  const [scanning, setScanning] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const take = (/** @type {string} */ text) => {
    setScanning(false);
    setFailure(null);
    return onRead(text.trim());
  };
  const look = async (/** @type {Blob} */ picture) => {
    setFailure(null);
    const text = await codeOfPicture(picture).catch((error) => setFailure(error));
    if (text) await take(text);
    else if (text === '') setFailure({ code: 'code_unread' });
  };
  const paste = (/** @type {ClipboardEvent} */ event) => {
    const [picture] = event.clipboardData?.files ?? [];
    if (!picture) return;
    event.preventDefault();
    look(picture);
  };
  const ways = html`<div class="row">
      ${canScan() && html`<${Button} icon="camera" onClick=${() => setScanning(true)}>${t('scan.do')}<//>`}
      <${FromPicture} onChosen=${look} />
    </div>
    ${failure && html`<${Problem} failure=${failure} />`}
    ${scanning && html`<${Camera} onRead=${take} onClose=${() => setScanning(false)} />`}`;
  return { take, paste, ways };
}

/** @param {{onChosen: (picture: Blob) => void}} props */
function FromPicture({ onChosen }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const take = () => {
    const here = input.current;
    const picture = here?.files?.[0];
    if (picture) onChosen(picture);
    if (here) here.value = '';
  };
  return html`
    <${Button} icon="file" onClick=${() => input.current?.click()}>${t('scan.picture')}<//>
    <input ref=${input} class="hidden" type="file" accept="image/*" tabindex="-1" aria-hidden="true" onChange=${take} />
  `;
}

/** @param {{onRead: (text: string) => void, onClose: () => void}} props */
function Camera({ onRead, onClose }) {
  const video = useRef(/** @type {HTMLVideoElement | null} */ (null));
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  useEffect(() => {
    const stop = new AbortController();
    watch(/** @type {HTMLVideoElement} */ (video.current), stop.signal).then(
      (text) => text && onRead(text),
      (error) => !stop.signal.aborted && setFailure(told(error)),
    );
    return () => stop.abort();
  }, []);
  return html`<${Dialog} title=${t('scan.do')} onClose=${onClose}>
    ${failure
      ? html`<${Problem} failure=${failure} />`
      : html`<p>${t('scan.hold')}</p>
          <video ref=${video} class="camera" muted playsinline aria-label=${t('scan.view')} />`}
  <//>`;
}

/** What the browser says of the camera, or the client of a frame. @param {any} error */
function told(error) {
  if (error?.code && typeof error.code === 'string') return error;
  const missing = error?.name === 'NotFoundError';
  return { code: missing ? 'no_camera' : 'camera_refused' };
}

/**
 * Look through the camera until a code is seen; the camera is off afterwards.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} stop
 * @returns {Promise<string>} empty if it was stopped
 */
async function watch(video, stop) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
  try {
    if (stop.aborted) return '';
    video.srcObject = stream;
    await video.play();
    while (!stop.aborted) {
      const text = await codeIn(video, video.videoWidth, video.videoHeight, stop);
      if (text) return text;
      await new Promise((resolve) => setTimeout(resolve, LOOKS_EVERY));
    }
    return '';
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
