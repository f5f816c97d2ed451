/**
 * The first run: from an invitation to an account.
 *
 * Five steps: who you are, what the server can and can't see, what opens the profile, the
 * recovery key shown once, and three of its groups asked back. The account is made after
 * the third, so that the key is worth something when it is shown.
 */
import { html, useEffect, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { LanguageMenu } from '../settings/language_menu.mjs';
import { call } from '../rpc.mjs';
import { handed, leadsToPerson } from '../state/handed.mjs';
import { Invitation } from './invitation.mjs';
import { Passphrase } from './passphrase.mjs';
import { CheckKey, ShowKey } from './recovery_key.mjs';
import { Sees } from './sees.mjs';

const STEPS = /** @type {const} */ (['invitation', 'sees', 'passphrase', 'key', 'check']);

/**
 * @typedef {{
 *   link: string, relay: string, code: string, fingerprint: string, name: string,
 *   handle: string,
 * }} Wish
 * @typedef {typeof STEPS[number]} Step
 * @typedef {{recovery_key: string, ask: readonly number[]}} Begun
 */

/** @type {Wish} */
const NOTHING = { link: '', relay: '', code: '', fingerprint: '', name: '', handle: '' };

/**
 * @param {{recovery?: Begun | null, onDone: () => void}} props
 *   `recovery`: an account is there, and its key was not asked back yet
 */
export function FirstRun({ recovery = null, onDone }) {
  const [step, setStep] = useState(/** @type {Step} */ (recovery ? 'key' : 'invitation'));
  const [wish, setWish] = useState({ ...NOTHING, link: handed.value });
  const [made, setMade] = useState(recovery);
  const make = async (/** @type {{passphrase: string, keyring: boolean}} */ secret) => {
    setMade(await call('ui.init', { ...wish, ...secret }));
    // Whose link brought somebody here is who to ask first; a relay's has served.
    handed.value = leadsToPerson(wish.link) ? wish.link.trim() : '';
    setStep('key');
  };
  const bodies = {
    invitation: () =>
      html`<${Invitation}
        wish=${wish}
        onNext=${(/** @type {Wish} */ filled) => {
          setWish(filled);
          setStep('sees');
        }}
      />`,
    sees: () =>
      html`<${Sees}
        onBack=${() => setStep('invitation')}
        onNext=${() => setStep('passphrase')}
      />`,
    passphrase: () =>
      html`<${Passphrase} onBack=${() => setStep('sees')} onNext=${make} />`,
    key: () => html`<${ShowKey} value=${made?.recovery_key} onNext=${() => setStep('check')} />`,
    check: () =>
      html`<${CheckKey}
        groups=${made?.ask}
        onBack=${() => setStep('key')}
        onNext=${onDone}
      />`,
  };
  return html`<${Frame} step=${step}>${bodies[step]()}<//>`;
}

/** @param {{step: Step, children?: any}} props */
function Frame({ step, children }) {
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => heading.current?.focus(), [step]);
  const at = STEPS.indexOf(step);
  return html`<div class="begin">
    <div class="begin-card">
      <div class="begin-top">
        <ol class="steps" aria-label=${t('begin.progress')}>
          ${STEPS.map(
            (name, index) => html`<li
              key=${name}
              class=${index < at ? 'past' : ''}
              aria-current=${index === at ? 'step' : undefined}
            >
              <span class="unseen">${t(`begin.step.${name}`)}</span>
            </li>`,
          )}
        </ol>
        <${LanguageMenu} />
      </div>
      <h1 ref=${heading} tabindex="-1">${t(`begin.title.${step}`)}</h1>
      ${children}
    </div>
  </div>`;
}
