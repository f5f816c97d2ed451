/** A button that copies a text, and says so. */
import { html, useState } from '../html.mjs';
import { t } from '../i18n.mjs';
import { Button } from './button.mjs';

const SAID_FOR = 2500;

/** @param {{text: string, label?: string, kind?: string}} props */
export function CopyButton({ text, label, kind = 'plain' }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(() => setCopied(true), () => setCopied(false));
    setTimeout(() => setCopied(false), SAID_FOR);
  };
  return html`<${Button} kind=${kind} icon=${copied ? 'check' : 'copy'} onClick=${copy}
    ><span role="status">${copied ? t('common.copied') : (label ?? t('common.copy'))}</span><//
  >`;
}
