/** A new group: its title, and who is asked into it. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button, ButtonLink } from '../parts/button.mjs';
import { Field } from '../parts/field.mjs';
import { Page } from '../parts/page.mjs';
import { Empty, Problem, Waiting } from '../parts/states.mjs';
import { goTo, hrefTo } from '../router.mjs';
import { call } from '../rpc.mjs';
import { contacts, loaded } from '../state/world.mjs';
import { Pick } from '../people/pick.mjs';

/** Invited in one go; more can be asked later. */
const MOST = 31;

export function NewGroup() {
  const title = t('group.new');
  if (!loaded.value) return html`<${Page} title=${title}><${Waiting} /><//>`;
  const people = askable();
  return html`<${Page} title=${title}>
    ${people.length > 0
      ? html`<${Form} people=${people} />`
      : html`<${Empty} icon="group" title=${t('group.nobody')} text=${t('group.nobody_hint')}>
          <${ButtonLink} kind="primary" icon="add" href=${hrefTo('new')}>${t('new.title')}<//>
        <//>`}
  <//>`;
}

/** The people who can be asked into a group: those with whom there is a chat. */
export function askable() {
  return [...contacts.value.values()]
    .filter(({ state, person }) => state === 'accepted' && person.trust !== 'me')
    .map(({ person }) => person);
}

/** @param {{people: readonly any[]}} props */
function Form({ people }) {
  const [title, setTitle] = useState('');
  const [chosen, setChosen] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    setTried(true);
    if (!title.trim()) return;
    setBusy(true);
    setFailure(null);
    await call('group.new', { title: title.trim(), members: [...chosen] }).then(
      ({ chat }) => goTo('chat', [chat.chat]),
      setFailure,
    );
    setBusy(false);
  };
  return html`<form class="section" onSubmit=${submit} novalidate>
    <${Field}
      label=${t('group.title')}
      hint=${t('group.title_hint')}
      value=${title}
      error=${tried && !title.trim() ? t('group.title_missing') : ''}
      onInput=${setTitle}
      maxlength="128"
    />
    <${Pick} label=${t('group.whom')} people=${people} chosen=${chosen} most=${MOST} onChange=${setChosen} />
    <p class="hint" role="status">${t('group.chosen', { count: chosen.size })}</p>
    ${failure && html`<${Problem} failure=${failure} />`}
    <${Button} kind="primary" type="submit" icon="group" busy=${busy}>${t('group.make')}<//>
  </form>`;
}
