/** Who you are and where: an invitation link, or the address of an open relay. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';

/** @typedef {import('./first_run.mjs').Wish} Wish */

const ADDRESS = /^https?:\/\//u;
const HANDLE = /^[a-z0-9][a-z0-9._-]{1,30}[a-z0-9]$/u;

/** @param {{wish: Wish, onNext: (wish: Wish) => void}} props */
export function Invitation({ wish, onNext }) {
  const [given, setGiven] = useState(wish);
  const [open, setOpen] = useState(wish.relay !== '');
  const [wrong, setWrong] = useState(/** @type {Partial<Wish>} */ ({}));
  const set = (/** @type {keyof Wish} */ name) => (/** @type {string} */ value) => {
    setGiven({ ...given, [name]: value });
    setWrong({ ...wrong, [name]: '' });
  };
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const filled = trimmed(open ? { ...given, link: '' } : { ...given, relay: '', code: '', fingerprint: '' });
    const found = missing(filled, open);
    setWrong(found);
    if (Object.keys(found).length === 0) onNext(filled);
  };
  return html`<form onSubmit=${submit} novalidate>
    <p class="lead">${t('begin.lead')}</p>
    ${open
      ? html`<${OpenRelay} given=${given} set=${set} wrong=${wrong} />`
      : html`<${Field}
          label=${t('begin.link')}
          hint=${t('begin.link_hint')}
          value=${given.link}
          error=${wrong.link}
          onInput=${set('link')}
          dir="ltr"
          autocomplete="off"
          spellcheck=${false}
          maxlength="8192"
        />`}
    <button type="button" class="link" onClick=${() => setOpen(!open)}>
      ${open ? t('begin.have_link') : t('begin.no_link')}
    </button>
    <${Field}
      label=${t('begin.name')}
      hint=${t('begin.name_hint')}
      value=${given.name}
      error=${wrong.name}
      onInput=${set('name')}
      autocomplete="nickname"
      maxlength="64"
    />
    <${Field}
      label=${t('begin.handle')}
      hint=${t('begin.handle_hint')}
      value=${given.handle}
      error=${wrong.handle}
      onInput=${(/** @type {string} */ value) => set('handle')(value.toLowerCase())}
      dir="ltr"
      autocomplete="username"
      autocapitalize="off"
      spellcheck=${false}
      maxlength="64"
    />
    <div class="begin-foot"><span /><${Button} kind="primary" type="submit">${t('common.next')}<//></div>
  </form>`;
}

/** @param {{given: Wish, set: any, wrong: Partial<Wish>}} props */
function OpenRelay({ given, set, wrong }) {
  return html`
    <${Field}
      label=${t('begin.relay')}
      hint=${t('begin.relay_hint')}
      value=${given.relay}
      error=${wrong.relay}
      onInput=${set('relay')}
      dir="ltr"
      type="url"
      maxlength="512"
    />
    <${Field}
      label=${t('begin.code')}
      value=${given.code}
      onInput=${set('code')}
      dir="ltr"
      autocomplete="off"
      spellcheck=${false}
      maxlength="256"
    />
    <${Field}
      label=${t('begin.fingerprint')}
      hint=${t('begin.fingerprint_hint')}
      value=${given.fingerprint}
      onInput=${set('fingerprint')}
      dir="ltr"
      autocomplete="off"
      spellcheck=${false}
      maxlength="128"
    />
  `;
}

/** @param {Wish} wish */
function trimmed(wish) {
  const pairs = Object.entries(wish).map(([name, value]) => [name, value.trim()]);
  return /** @type {Wish} */ (Object.fromEntries(pairs));
}

/**
 * @param {Wish} wish
 * @param {boolean} open
 * @returns {Partial<Wish>} what is wrong with each field
 */
function missing(wish, open) {
  /** @type {Partial<Wish>} */
  const wrong = {};
  if (!open && !wish.link) wrong.link = t('begin.link_missing');
  if (open && !ADDRESS.test(wish.relay)) wrong.relay = t('begin.relay_missing');
  if (!wish.name) wrong.name = t('begin.name_missing');
  if (wish.handle && !HANDLE.test(wish.handle.split('@')[0])) wrong.handle = t('begin.handle_wrong');
  return wrong;
}
