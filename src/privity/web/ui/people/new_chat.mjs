/** A new chat: a link to hand out, or somebody's link or handle. */
import { html, useRef, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { calm } from '../parts/name.mjs';
import { Page, Section } from '../parts/page.mjs';
import { Banner, Problem } from '../parts/states.mjs';
import { hrefTo } from '../router.mjs';
import { call } from '../rpc.mjs';
import { handed } from '../state/handed.mjs';
import { contacts } from '../state/world.mjs';
import { PersonRow } from './person_row.mjs';
import { HandOut } from './hand_out.mjs';
import { useReading } from './scan.mjs';

/** People that are shown before one searches. */
const FEW = 8;

/** @param {{query: Readonly<Record<string, string>>}} props `link`: what to ask with */
export function NewChat({ query }) {
  // Once it was asked with, it is gone for the next visit, and what was said stays here.
  const [offered] = useState(() => handed.peek());
  const given = query.link ?? offered;
  return html`<${Page} title=${t('new.title')}>
    <${Known} />
    <${Ask} given=${given} key=${given} />
    <${HandOut} />
    <${Section} title=${t('new.group')} text=${t('new.group_hint')}>
      <${ButtonLink} icon="group" href=${hrefTo('new-group')}>${t('new.group_do')}<//>
    <//>
  <//>`;
}

/** Those one has a chat with, also where it was deleted here. */
function Known() {
  const [sought, setSought] = useState('');
  const all = [...contacts.value.values()].filter(({ chat, state }) => chat && state === 'accepted');
  const found = all.filter(({ person }) => `${person.name} ${person.handle}`.toLocaleLowerCase().includes(sought.trim().toLocaleLowerCase()));
  if (!all.length) return null;
  return html`<${Section} title=${t('new.known')}>
    ${all.length > FEW && html`<${Field} label=${t('people.search')} type="search" value=${sought} onInput=${setSought} />`}
    <ul class="people">
      ${found.slice(0, FEW).map(({ person, chat }) => html`<${PersonRow} key=${person.account} person=${person} href=${hrefTo('chat', [chat])} />`)}
    </ul>
    ${found.length > FEW && html`<p class="hint">${t('people.more', { count: found.length - FEW })}</p>`}
  <//>`;
}

/** @param {{given: string}} props */
function Ask({ given }) {
  const [target, setTarget] = useState(given);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [asked, setAsked] = useState(/** @type {any} */ (null));
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  // What was read is shown, not asked with: a code may lead to anybody.
  const reading = useReading((read) => {
    setTarget(read);
    setAsked(null);
    setFailure(null);
    requestAnimationFrame(() => button.current?.querySelector('button')?.focus());
  });
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!target.trim()) return;
    setBusy(true);
    setFailure(null);
    setAsked(null);
    const done = (/** @type {any} */ answer) => {
      setAsked(answer);
      setTarget('');
      handed.value = '';
      setText('');
    };
    await call('join', { target: target.trim(), text: text.trim() }).then(done, setFailure);
    setBusy(false);
  };
  return html`<${Section} title=${t('new.ask')} text=${t('new.ask_hint')}>
    <form onSubmit=${submit} onPaste=${reading.paste} novalidate>
      ${reading.ways}
      <${Field}
        label=${t('new.target')}
        value=${target}
        onInput=${setTarget}
        dir="ltr"
        autocomplete="off"
        autocapitalize="off"
        spellcheck=${false}
        maxlength="8192"
      />
      <${Field}
        label=${t('new.text')}
        hint=${t('new.text_hint')}
        value=${text}
        onInput=${setText}
        lines=${2}
        maxlength="512"
      />
      ${failure && html`<${Problem} failure=${failure} />`}
      ${asked &&
      html`<${Banner} icon="check"
        >${wordsOf(asked)}<//
      >`}
      <div ref=${button}>
        <${Button} kind="primary" type="submit" icon="request" busy=${busy} disabled=${!target.trim()}
          >${t('new.ask_do')}<//
        >
      </div>
    </form>
  <//>`;
}

/** @param {{name: string, again?: boolean}} asked */
function wordsOf({ name, again }) {
  if (again) return t('new.again', { name: calm(name) });
  return name ? t('new.asked', { name: calm(name) }) : t('new.asked_nameless');
}
