/** All pictures, films, sounds and files of a chat. */
import { html, useEffect, useState } from '../html.mjs';
import { day, t } from '../i18n.mjs';
import { Button } from '../parts/button.mjs';
import { Page } from '../parts/page.mjs';
import { Empty, Problem, Waiting } from '../parts/states.mjs';
import { Tabs } from '../parts/tabs.mjs';
import { isThere } from '../state/gone.mjs';
import { NOTHING, collect } from './collect.mjs';
import { InlineMedia } from './inline.mjs';
import { kindOf } from './kinds.mjs';

const TABS = /** @type {const} */ (['shown', 'audio', 'file']);

/** @param {{parts: readonly string[]}} props */
export function SharedMedia({ parts }) {
  const chat = parts[0] ?? '';
  const [tab, setTab] = useState(/** @type {string} */ (TABS[0]));
  const [found, setFound] = useState(NOTHING);
  const [failure, setFailure] = useState(/** @type {any} */ (null));
  const [busy, setBusy] = useState(false);
  const look = async (/** @type {typeof NOTHING} */ from) => {
    setBusy(true);
    setFailure(null);
    await collect(chat, from).then(setFound, setFailure);
    setBusy(false);
  };
  useEffect(() => {
    look(NOTHING);
  }, [chat]);
  const files = found.files.filter((one) => isThere(one) && tabOf(one.file?.media_type ?? '') === tab);
  const tabs = TABS.map((name) => ({ name, label: t(`media.tab.${name}`) }));
  return html`<${Page} title=${t('media.shared')}>
    <${Tabs} label=${t('media.shared')} tabs=${tabs} chosen=${tab} onChoose=${setTab}>
      ${failure && html`<${Problem} failure=${failure} retry=${() => look(found)} />`}
      ${files.length > 0
        ? html`<${Grid} files=${files} shown=${tab === 'shown'} />`
        : !busy && !failure && html`<${Empty} icon="file" title=${t('media.none')} text=${found.more ? t('media.none_yet') : ''} />`}
      ${busy && html`<${Waiting} />`}
      ${found.more && !busy && html`<${Button} kind="quiet" onClick=${() => look(found)}>${t('media.further')}<//>`}
    <//>
  <//>`;
}

/** @param {string} mediaType */
function tabOf(mediaType) {
  const kind = kindOf(mediaType);
  return kind === 'picture' || kind === 'video' ? 'shown' : kind;
}

/** @param {{files: readonly import('../types.mjs').Message[], shown: boolean}} props */
function Grid({ files, shown }) {
  return html`<ul class=${shown ? 'media-grid' : 'media-rows'}>
    ${files.map(
      (message) => html`<li key=${message.message}>
        <${InlineMedia} message=${message} /><span class="hint">${day(message.time)}</span>
      </li>`,
    )}
  </ul>`;
}
