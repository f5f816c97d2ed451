/** A still of a film, made here: nothing but this browser ever decodes it. */

const WIDEST = 640;
const PATIENCE = 4000;
const LATE = 'late';
/** Pixels of a frame: more than any film of eight megabytes has use for. */
const LARGEST = 4096 * 2304;

/** A film that can be played, as far as is known, and has no still. */
const BARE = { url: '', seconds: Number.NaN };

/** Over when the still before it is made: each decoder takes memory, and a chat has many films. */
let turn = /** @type {Promise<unknown>} */ (Promise.resolve());

/**
 * Draw a frame of a film near its beginning, once those asked for before are drawn.
 * @param {string} url a `blob:` address
 * @param {() => boolean} isWanted asked again when it is its turn
 * @returns {Promise<{url: string, seconds: number} | null>} null where it can't be read
 */
export function posterOf(url, isWanted) {
  const made = turn.then(() => (isWanted() ? make(url) : BARE));
  turn = made;
  return made;
}

/** @param {string} url */
async function make(url) {
  const video = document.createElement('video');
  video.muted = true;
  video.preload = 'metadata';
  video.src = url;
  try {
    await once(video, 'loadedmetadata');
    if (!video.videoWidth) return null;
    if (video.videoWidth * video.videoHeight > LARGEST) return BARE;
    video.preload = 'auto';
    video.currentTime = Math.min(1, (video.duration || 0) / 10);
    await once(video, 'seeked');
    return { url: await drawn(video), seconds: video.duration };
  } catch (why) {
    // A busy machine is late with films that are whole.
    return why === LATE ? BARE : null;
  } finally {
    video.removeAttribute('src');
    video.load();
  }
}

/** @param {HTMLVideoElement} video */
async function drawn(video) {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(video.videoWidth * scale));
  canvas.height = Math.max(1, Math.round(video.videoHeight * scale));
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.8));
  return URL.createObjectURL(/** @type {Blob} */ (blob));
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} name
 */
function once(video, name) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(LATE), PATIENCE);
    video.addEventListener(name, () => (clearTimeout(late), resolve(null)), { once: true });
    video.addEventListener('error', () => (clearTimeout(late), reject()), { once: true });
  });
}
