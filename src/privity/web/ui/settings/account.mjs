/** The own account: who one is, where, and whether the recovery key still opens something. */
import { html } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Button } from '../parts/button.mjs';
import { CopyButton } from '../parts/copy.mjs';
import { Name } from '../parts/name.mjs';
import { Section } from '../parts/page.mjs';
import { Banner, Problem, Waiting } from '../parts/states.mjs';
import { toastFailure } from '../parts/toast.mjs';
import { call } from '../rpc.mjs';
import { useAnswer } from '../state/answer.mjs';
import { Farewell } from './farewell.mjs';
import { ProfileForm } from './profile.mjs';

export function AccountSettings() {
  const { value, failure, again } = useAnswer('account');
  if (failure) return html`<${Problem} failure=${failure} retry=${again} />`;
  if (!value) return html`<${Waiting} />`;
  return html`
    <section class="section person-card">
      <${Avatar} id=${value.account} name=${value.name} size="large" picture="" />
      <h2><${Name} text=${value.name} /></h2>
      ${value.handle
        ? html`<p class="row"><bdi class="handle">${value.handle}</bdi><${CopyButton} kind="quiet" text=${value.handle} /></p>`
        : html`<p class="hint">${t('account.no_handle')}</p>`}
    </section>
    <${ProfileForm} key=${value.name} name=${value.name} onChanged=${again} />
    <${Facts} account=${value} />
    <${Recovery} account=${value} />
    <${Section} title=${t('profiles.title')} text=${t('profiles.hint')}>
      <p><code dir="ltr">privity --profile FOLDER open</code></p>
    <//>
    <${Section} title=${t('account.lock')} text=${t('account.lock_hint')}>
      <${Button} icon="lock" onClick=${() => call('ui.lock').catch(toastFailure)}>${t('account.lock_do')}<//>
    <//>
    <${Farewell} account=${value} />
  `;
}

/** @param {{account: import('../types.mjs').Account}} props */
function Facts({ account }) {
  const facts = {
    relay: account.host,
    address: account.url,
    account: account.account,
    device: account.device,
  };
  return html`<${Section} title=${t('account.facts')}>
    <dl class="facts">
      ${Object.entries(facts).map(
        ([name, text]) => html`<div key=${name}>
          <dt>${t(`account.${name}`)}</dt>
          <dd dir="ltr"><code>${text}</code></dd>
        </div>`,
      )}
    </dl>
  <//>`;
}

/** @param {{account: import('../types.mjs').Account}} props */
function Recovery({ account: { recovery, recovery_checked: checked } }) {
  const well = recovery === 'in_place';
  const unknown = recovery === 'unchecked';
  return html`<${Section} title=${t('account.recovery')}>
    <${Banner} kind=${well || unknown ? 'info' : 'danger'} icon=${well ? 'check' : unknown ? 'info' : 'warning'}>
      <p>${t(`account.recovery.${recovery}`)}</p>
      ${checked > 0 && html`<p class="hint">${t('account.recovery_checked', { time: moment(checked) })}</p>`}
    <//>
  <//>`;
}
