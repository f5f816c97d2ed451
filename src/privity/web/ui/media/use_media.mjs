/** The bytes of a message's file as a value of a component. */
import { useEffect, useState } from '../html.mjs';
import { release, take } from './held.mjs';

/**
 * @param {{chat: string, message: string}} where
 * @param {boolean} wanted fetched only then
 * @returns {{url: string, failure: any, again: () => void}} `url` is empty until it is here
 */
export function useMedia({ chat, message }, wanted) {
  const [found, setFound] = useState({ url: '', failure: /** @type {any} */ (null), tries: 0 });
  useEffect(() => {
    if (!wanted) return undefined;
    const stop = new AbortController();
    const taken = take(chat, message, stop.signal).then(
      (url) => !stop.signal.aborted && setFound((before) => ({ ...before, url, failure: null })),
      (failure) => !stop.signal.aborted && setFound((before) => ({ ...before, url: '', failure })),
    );
    return () => {
      stop.abort();
      taken.then(() => release(chat, message));
    };
  }, [chat, message, wanted, found.tries]);
  const again = () => setFound(({ tries }) => ({ url: '', failure: null, tries: tries + 1 }));
  return { url: found.url, failure: found.failure, again };
}
