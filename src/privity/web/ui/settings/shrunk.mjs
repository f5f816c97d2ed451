/** A picture made small before it leaves the page; what else is in its file stays behind. */

const SIDE = 512;
const QUALITY = 0.85;

/**
 * The middle square of a picture, as a JPEG in base64.
 * @param {File} file
 * @returns {Promise<string>} raises what a failed call does, if it is no picture
 */
export async function shrunk(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  if (!picture) throw { code: 'image_refused', message: '', next: '' };
  const side = Math.min(picture.width, picture.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = Math.min(SIDE, side);
  const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
  canvas.getContext('2d')?.drawImage(picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
  picture.close();
  return canvas.toDataURL('image/jpeg', QUALITY).split(',', 2)[1];
}
