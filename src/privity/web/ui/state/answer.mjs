/** The answer of a verb as a value of a component: waiting, there, or failed. */
import { useCallback, useEffect, useState } from '../html.mjs';
import { call } from '../rpc.mjs';

/**
 * @template T
 * @typedef {{value: T | null, failure: any, again: () => Promise<void>}} Answer
 */

/**
 * Call a verb when the component comes, and whenever its parameters change.
 * @param {string} method
 * @param {object} [params]
 * @returns {Answer<any>} `again` asks anew; what was there stays until then
 */
export function useAnswer(method, params = {}) {
  const [answer, setAnswer] = useState(/** @type {{value: any, failure: any}} */ ({ value: null, failure: null }));
  const asked = JSON.stringify(params);
  const again = useCallback(
    () =>
      call(method, JSON.parse(asked)).then(
        (value) => setAnswer({ value, failure: null }),
        (failure) => setAnswer((before) => ({ ...before, failure })),
      ),
    [method, asked],
  );
  useEffect(() => {
    setAnswer({ value: null, failure: null });
    again();
  }, [again]);
  return { ...answer, again };
}
