/** The still of a film as a value of a component. */
import { useEffect, useState } from '../html.mjs';
import { duration } from '../i18n.mjs';
import { posterOf } from './poster.mjs';

/**
 * @param {string} url a `blob:` address
 * @returns {{url: string, length: string, broken: boolean}}
 */
export function usePoster(url) {
  const [made, setMade] = useState({ url: '', length: '', broken: false });
  useEffect(() => {
    let gone = false;
    let still = '';
    posterOf(url, () => !gone).then((found) => {
      still = found?.url ?? '';
      if (gone) URL.revokeObjectURL(still);
      else if (!found) setMade({ url: '', length: '', broken: true });
      else setMade({ url: still, length: lengthOf(found.seconds), broken: false });
    });
    return () => {
      gone = true;
      URL.revokeObjectURL(still);
    };
  }, [url]);
  return made;
}

/** A film that is still being written has no length. @param {number} seconds */
function lengthOf(seconds) {
  return Number.isFinite(seconds) ? duration(seconds) : '';
}
