/** What stands before an open profile: the first run, and the lock. */
import { html, useEffect, useState } from '../html.mjs';
import { call } from '../rpc.mjs';
import { Waiting } from '../parts/states.mjs';
import { goTo } from '../router.mjs';
import { FirstRun } from './first_run.mjs';
import { Unlock } from './unlock.mjs';

/** @typedef {import('../types.mjs').Phase} Phase */

/** @param {{phase: Phase}} props an account may be there whose key was not asked back yet */
export function NewGate({ phase }) {
  const [recovery, setRecovery] = useState(/** @type {any} */ (null));
  const [asked, setAsked] = useState(!phase.recovery_due);
  useEffect(() => {
    if (asked) return;
    call('ui.recovery')
      .then(setRecovery, () => null)
      .finally(() => setAsked(true));
  }, []);
  if (!asked) return html`<${Waiting} />`;
  return html`<${FirstRun} recovery=${recovery} onDone=${enter} />`;
}

/** @param {{phase: Phase}} props */
export function LockedGate({ phase }) {
  return html`<${Unlock} profile=${phase.profile} relay=${phase.relay} failure=${phase.error} />`;
}

/** Begin at the page where somebody is found to talk to. */
function enter() {
  goTo('new');
}
