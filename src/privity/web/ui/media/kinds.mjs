/** What a file is to a person who looks at it: by the types that a browser shows safely. */

/** @typedef {'picture'|'video'|'audio'|'file'} Kind */

/**
 * SVG is not here: it is a document with scripts, not a picture. Nor is AVIF, whose head
 * does not bind it to a size. The client looks at each file again before it is shown.
 */
const PICTURES = ['image/jpeg', 'image/png', 'image/webp', 'image/gif'];
const VIDEOS = ['video/mp4', 'video/webm'];
const SOUNDS = ['audio/ogg', 'audio/webm', 'audio/mpeg', 'audio/mp4', 'audio/wav', 'audio/flac'];

/** Above this, a picture or film is fetched only when somebody asks for it. */
export const FETCHED_UNASKED = 8_000_000;

/**
 * @param {string} mediaType as in the message, parameters and all
 * @returns {Kind}
 */
export function kindOf(mediaType) {
  const bare = bareType(mediaType);
  if (PICTURES.includes(bare)) return 'picture';
  if (VIDEOS.includes(bare)) return 'video';
  if (SOUNDS.includes(bare)) return 'audio';
  return 'file';
}

/** Whether somebody would look for a picture where there is a file. @param {string} mediaType */
export function isOtherPicture(mediaType) {
  return bareType(mediaType).startsWith('image/') && kindOf(mediaType) === 'file';
}

/** @param {string} mediaType */
export function bareType(mediaType) {
  return mediaType.split(';', 1)[0].trim().toLowerCase();
}

/**
 * Whether the viewer shows it.
 * @param {{file?: {media_type: string} | null}} message
 */
export function isShown(message) {
  return Boolean(message.file) && ['picture', 'video'].includes(kindOf(message.file?.media_type ?? ''));
}
