/** Bytes to and from the client: files that go out, media that came in. */
import { Failure, link } from './rpc.mjs';
import { bearer } from './session.mjs';

/**
 * Hand a file to the client; it never lies on the disk in the clear.
 * @param {File} file
 * @param {(done: number, total: number) => void} report
 * @param {AbortSignal} signal
 * @returns {Promise<string>} what `send` takes in place of a path; raises Failure
 */
export function upload(file, report, signal) {
  return new Promise((resolve, reject) => {
    // Without a connection, nobody knows who listens there now.
    if (link.value !== 'up') {
      reject(refusal(null));
      return;
    }
    // fetch() tells nothing of what has left already.
    const request = new XMLHttpRequest();
    request.open('POST', `/upload?name=${encodeURIComponent(file.name)}`);
    for (const [name, value] of Object.entries(bearer())) request.setRequestHeader(name, value);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => report(event.loaded, file.size));
    request.addEventListener('load', () => {
      if (request.status === 200) resolve(request.response.upload);
      else reject(refusal(request.response));
    });
    request.addEventListener('error', () => reject(refusal(null)));
    request.addEventListener('abort', () => reject(stopped()));
    signal.addEventListener('abort', () => request.abort());
    if (signal.aborted) reject(stopped());
    else request.send(file);
  });
}

/**
 * Fetch the bytes of a message's file, to be saved.
 * @param {string} chat
 * @param {string} message
 * @returns {Promise<Blob>} raises Failure
 */
export function fetchMedia(chat, message) {
  return fetched(`/media/${chat}/${message}`);
}

/**
 * Fetch the bytes of a picture, sound or film that this browser may decode.
 * @param {string} chat
 * @param {string} message
 * @param {AbortSignal} [signal]
 * @returns {Promise<Blob>} raises Failure; `isUnshown` of it: the file stays a file
 */
export function fetchShown(chat, message, signal) {
  return fetched(`/media/${chat}/${message}?shown`, signal);
}

/**
 * Let the client look for a QR code in a frame.
 * @param {{width: number, height: number, grey: Uint8Array<ArrayBuffer>}} frame
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} its text, or nothing; raises Failure
 */
export async function readCode({ width, height, grey }, signal) {
  if (link.value !== 'up') throw refusal(null);
  const answer = await fetch(`/code?width=${width}&height=${height}`, {
    method: 'POST',
    headers: { ...bearer(), 'Content-Type': 'application/octet-stream' },
    body: grey,
    signal,
  });
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(body);
  return body.text;
}

/** What the client says of files that are not for showing. */
const UNSHOWN = ['file_not_shown', 'file_mislabelled', 'picture_damaged', 'picture_too_large', 'animation_too_large'];

/** @param {any} failure */
export function isUnshown(failure) {
  return UNSHOWN.includes(failure?.code);
}

/**
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
async function fetched(address, signal) {
  if (link.value !== 'up') throw refusal(null);
  const answer = await fetch(address, { headers: bearer(), signal });
  if (!answer.ok) throw refusal(await answer.json().catch(() => null));
  return answer.blob();
}

/** @param {any} body */
function refusal(body) {
  return new Failure(body?.error ?? { code: 'lost', message: '', next: '' });
}

function stopped() {
  return new Failure({ code: 'interrupted', message: '', next: '' });
}

/** A browser may read what is saved a while after it was asked to. */
const REVOKE_AFTER = 60_000;

/**
 * Let the browser save bytes where downloads go.
 * @param {Blob} blob
 * @param {string} name
 */
export function saveAs(blob, name) {
  const address = URL.createObjectURL(blob);
  const door = document.createElement('a');
  door.href = address;
  door.download = name;
  door.click();
  setTimeout(() => URL.revokeObjectURL(address), REVOKE_AFTER);
}
