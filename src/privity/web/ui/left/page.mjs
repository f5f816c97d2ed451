/**
 * What left this device: every connection, every request with its cause, and the hashes
 * of the files that make this window. It answers: is something watching me?
 */
import { html } from '../html.mjs';
import { SeesLists } from '../begin/sees.mjs';
import { t } from '../i18n.mjs';
import { Page, Section } from '../parts/page.mjs';
import { Connections } from './connections.mjs';
import { Files } from './files.mjs';
import { Ledger } from './ledger.mjs';

export function WhatLeft() {
  return html`<${Page} title=${t('settings.left')}>
    <p class="lead">${t('left.lead')}</p>
    <${Connections} />
    <${Ledger} />
    <${Section} title=${t('left.sees')}><${SeesLists} /><//>
    <${Files} />
  <//>`;
}
