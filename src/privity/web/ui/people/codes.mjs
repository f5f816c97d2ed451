/**
 * QR codes in pictures: read by the browser where it can, else by one's own client.
 *
 * What the client gets are grey pixels on this machine's loopback; it keeps nothing.
 */
import { readCode } from '../transfer.mjs';

/** Pixels of a camera's frame that are looked at, and of a picture that was chosen. */
const FRAME = 1_000_000;
const PICTURE = 4_000_000;

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {AbortSignal} [signal]
 * @param {number} [most] pixels that are looked at
 * @returns {Promise<string>} the text of a code, or nothing; raises Failure
 */
export async function codeIn(source, width, height, signal, most = FRAME) {
  if (!width || !height) return '';
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  if (Detector) {
    const [found] = await new Detector({ formats: ['qr_code'] }).detect(source).catch(() => []);
    return found?.rawValue ?? '';
  }
  const frame = greyOf(source, width, height, most);
  return readCode(frame, signal);
}

/**
 * @param {Blob} picture a file that its owner chose or pasted
 * @returns {Promise<string>} the text of the code in it, or nothing; raises Failure
 */
export async function codeOfPicture(picture) {
  const bitmap = await createImageBitmap(picture).catch(() => null);
  if (!bitmap) return '';
  try {
    return await codeIn(bitmap, bitmap.width, bitmap.height, undefined, PICTURE);
  } finally {
    bitmap.close();
  }
}

/**
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {number} most
 */
function greyOf(source, width, height, most) {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  const [wide, high] = [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
  const canvas = new OffscreenCanvas(wide, high);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d', { willReadFrequently: true }));
  // A picture may be transparent where it means white.
  context.fillStyle = 'white';
  context.fillRect(0, 0, wide, high);
  context.drawImage(source, 0, 0, wide, high);
  const { data } = context.getImageData(0, 0, wide, high);
  const grey = new Uint8Array(wide * high);
  for (let at = 0; at < grey.length; at += 1) {
    grey[at] = (data[at * 4] * 77 + data[at * 4 + 1] * 150 + data[at * 4 + 2] * 29) >> 8;
  }
  return { width: wide, height: high, grey };
}
