/** The page of a group: its title, who is in its key tree, and what one can do there. */
import { html } from '../html.mjs';
import { number, t } from '../i18n.mjs';
import { ButtonLink } from '../parts/button.mjs';
import { Page, Section } from '../parts/page.mjs';
import { Banner, Empty, Waiting } from '../parts/states.mjs';
import { hrefTo } from '../router.mjs';
import { chats, loaded } from '../state/world.mjs';
import { GroupAnew } from '../health/anew.mjs';
import { TimerChoice } from '../people/timer.mjs';
import { AddPeople } from './add.mjs';
import { LeaveGroup } from './leave.mjs';
import { Members } from './members.mjs';
import { TitleLine } from './title.mjs';

/** @param {{parts: readonly string[]}} props */
export function GroupPage({ parts }) {
  const title = t('group.page');
  if (!loaded.value) return html`<${Page} title=${title}><${Waiting} /><//>`;
  const chat = chats.value.get(parts[0] ?? '');
  if (!chat) return html`<${Page} title=${title}><${Empty} icon="group" title=${t('group.gone')} /><//>`;
  const active = chat.status === 'active';
  return html`<${Page} title=${title}>
    <${TitleLine} chat=${chat} active=${active} />
    ${!active && html`<${Banner} kind="warning" icon="warning">${t(`group.status.${chat.status}`)}<//>`}
    ${active && html`<${WhoReads} chat=${chat} />`}
    <${Members} chat=${chat} active=${active} />
    ${active && html`<${AddPeople} chat=${chat} />`}
    ${active && html`<${TimerChoice} key=${chat.chat} chat=${chat} />`}
    <${Section} title=${t('media.shared')}>
      <${ButtonLink} icon="file" href=${hrefTo('media', [chat.chat])}>${t('media.shared_do')}<//>
    <//>
    ${active && chat.members.length > 1 && html`<${GroupAnew} chat=${chat} />`}
    ${active && html`<${LeaveGroup} chat=${chat} />`}
  <//>`;
}

/** Who can read from now, said before who they are. @param {{chat: any}} props */
function WhoReads({ chat }) {
  const others = chat.members.length - 1;
  return html`<section class="section who-reads">
    <h2>${t('group.who_reads')}</h2>
    <p>${t('group.who_reads_now', { count: others })}</p>
    <p class="hint">${t('group.who_reads_hint')}</p>
    ${chat.devices > 0 &&
    html`<p class="hint">
      ${t('group.agreed', { agreed: number(chat.agreed), devices: number(chat.devices) })}
    </p>`}
    ${chat.missing > 0 && html`<p class="hint">${t('group.missing', { count: chat.missing })}</p>`}
  </section>`;
}
