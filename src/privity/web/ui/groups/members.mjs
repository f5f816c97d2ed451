/** Who is in a group, as its key tree says, and taking somebody out of it. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { MenuButton } from '../parts/menu.mjs';
import { calm } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { PersonRow } from '../people/person_row.mjs';
import { goTo, hrefTo } from '../router.mjs';
import { call } from '../rpc.mjs';

/** A thousand rows at once are slow, and nobody reads them. */
const AT_FIRST = 100;

/** @param {{chat: any, active: boolean}} props */
export function Members({ chat, active }) {
  const [most, setMost] = useState(AT_FIRST);
  const [leaving, setLeaving] = useState('');
  const remove = async (/** @type {any} */ person) => {
    const name = calm(person.name);
    const question = {
      title: t('group.remove_sure', { name }),
      text: t('group.remove_meaning', { name }),
      action: t('group.remove'),
      danger: true,
    };
    if (!(await confirm(question))) return;
    setLeaving(person.account);
    await call('group.remove', { chat: chat.chat, who: person.account }).then(
      ({ done }) => toast(t(done ? 'group.removed' : 'group.remove_waits', { name })),
      toastFailure,
    );
    setLeaving('');
  };
  const items = (/** @type {any} */ person) => () => [
    { label: t('person.title'), icon: 'person', act: () => goTo('person', [person.account]) },
    { label: t('person.verify'), icon: 'shield', act: () => goTo('verify', [person.account]) },
    { label: t('group.remove'), icon: 'trash', danger: true, act: () => remove(person) },
  ];
  const shown = chat.members.slice(0, most);
  return html`<${Section} title=${t('group.members')} text=${active ? t('group.members_hint') : t('group.members_last')}>
    <ul class="people" aria-busy=${leaving ? 'true' : undefined}>
      ${shown.map(
        (/** @type {any} */ person) => html`<${PersonRow}
          key=${person.account}
          person=${person}
          href=${person.trust === 'me' ? undefined : hrefTo('person', [person.account])}
        >
          ${active &&
          person.trust !== 'me' &&
          html`<${MenuButton}
            label=${t('group.member_menu', { name: calm(person.name) })}
            items=${items(person)}
          />`}
        <//>`,
      )}
    </ul>
    ${shown.length < chat.members.length &&
    html`<${Button} kind="quiet" onClick=${() => setMost(most + AT_FIRST * 5)}
      >${t('group.more_members', { count: chat.members.length - shown.length })}<//
    >`}
  <//>`;
}
