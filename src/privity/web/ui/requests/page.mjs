/** Who wants to talk: words only. Pictures stay hidden and links are words, until then. */
import { html, useState } from '../html.mjs';
import { moment, t } from '../i18n.mjs';
import { Avatar } from '../parts/avatar.mjs';
import { Button } from '../parts/button.mjs';
import { confirm } from '../parts/dialog.mjs';
import { Name, calm } from '../parts/name.mjs';
import { Page } from '../parts/page.mjs';
import { Empty } from '../parts/states.mjs';
import { toast, toastFailure } from '../parts/toast.mjs';
import { goTo } from '../router.mjs';
import { call } from '../rpc.mjs';
import { reload } from '../state/feed.mjs';
import { contacts, requests } from '../state/world.mjs';
import { Words } from '../talk/words.mjs';
import { Wish, isReadmission } from './wish.mjs';

/** @typedef {import('../types.mjs').RequestInfo} RequestInfo */

export function Requests() {
  const all = requests.value;
  return html`<${Page} title=${t('requests.title')} onBack=${() => goTo('')}>
    ${all.length
      ? html`<p class="hint">${t('requests.hint')}</p>
          <ul class="requests">
            ${all.map((one) => html`<${One} key=${one.request} request=${one} />`)}
          </ul>`
      : html`<${Empty} icon="request" title=${t('requests.empty')} text=${t('requests.empty_hint')} />`}
  <//>`;
}

/** @param {{request: RequestInfo}} props */
function One({ request }) {
  const [busy, setBusy] = useState('');
  const name = calm(request.sender.name);
  const back = isReadmission(request);
  const run = async (/** @type {string} */ what, /** @type {() => Promise<void>} */ work) => {
    setBusy(what);
    try {
      await work();
    } catch (error) {
      toastFailure(error);
    }
    setBusy('');
  };
  return html`<li class="request" aria-label=${name}>
    <div class="request-who">
      <${Avatar} id=${request.sender.account} name=${request.sender.name} />
      <div>
        <h2><${Name} text=${request.sender.name} /></h2>
        ${request.sender.handle && html`<p class="sub"><${Name} text=${request.sender.handle} /></p>`}
      </div>
      <time class="sub">${moment(request.received)}</time>
    </div>
    <${Wish} request=${request} />
    ${request.text && html`<blockquote dir="auto"><${Words} text=${request.text} /></blockquote>`}
    ${!back && html`<p class="hint">${t('requests.unknown')}</p>`}
    <div class="actions">
      <${Button} kind="primary" icon="check" busy=${busy === 'accept'} disabled=${busy !== ''} onClick=${() => run('accept', () => accept(request))}
        >${back ? t('requests.readmit') : t('requests.accept')}<//
      >
      <${Button} busy=${busy === 'decline'} disabled=${busy !== ''} onClick=${() => run('decline', () => decline(request))}>${back ? t('requests.stay') : t('requests.decline')}<//>
      ${!back && html`<${Button} kind="danger" icon="block" busy=${busy === 'block'} disabled=${busy !== ''} onClick=${() => run('block', () => block(request))}
        >${t('requests.block')}<//
      >`}
    </div>
  </li>`;
}

/** @param {RequestInfo} request */
async function accept(request) {
  await call('accept', { request: request.request });
  await reload();
  const chat = contacts.value.get(request.sender.account)?.chat;
  if (isReadmission(request) && request.into) goTo('chat', [request.into]);
  else if (request.kind !== 'group' && chat) goTo('chat', [chat]);
  else toast(t('requests.accepted'));
}

/** @param {RequestInfo} request */
async function decline(request) {
  await call('decline', { request: request.request });
  await reload();
  toast(isReadmission(request) ? t('requests.stayed') : t('requests.declined'));
}

/** @param {RequestInfo} request */
async function block(request) {
  const name = calm(request.sender.name);
  const yes = await confirm({
    title: t('requests.block_sure', { name }),
    text: t('requests.block_why'),
    action: t('requests.block'),
    danger: true,
  });
  if (!yes) return;
  await call('block', { who: request.request, wait: 0 });
  await reload();
  toast(t('requests.blocked', { name }));
}
