import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Element } from './element.js';
import { model } from './model.js';
import { time } from './format.js';
import { name } from './alerts.js';

const MAX_SHOWN = 60;
const OUTCOMES = { sent: '✓', retry: '↻', failed: '✕', pending: '…', sending: '…' };

/** One notification: who was told of what, when, how, and what became of it. */
export function notification(one) {
  const about = (one.alerts ?? []).map((fingerprint) => model.alerts.get(fingerprint)).filter(Boolean);
  const first = one.alerts?.[0];
  return html`<li class="notification ${one.state}">
    <span class="outcome" title=${one.state} aria-hidden="true">${OUTCOMES[one.state] ?? '·'}</span>
    <a href=${first ? '#/alerts/' + first : '#'}>
      <span class="first"><b>${one.receiver}</b><span class="how">${one.integration}</span><time datetime=${one.at}>${time(one.at)}</time></span>
      <span class="meta"
        >${one.state}${one.attempt > 1 ? ', attempt ' + one.attempt : ''}${one.reason ? ' · ' + one.reason : ''} · ${about.length ? about.slice(0, 2).map(name).join(', ') + (one.alerts.length > 2 ? ' and ' + (one.alerts.length - 2) + ' more' : '') : (one.alerts?.length ?? 0) + ' alerts'}${one.nextAt ? ' · again at ' + time(one.nextAt) : ''}</span
      >
      ${one.detail ? html`<span class="summary" title=${one.detail}>${one.detail}</span>` : nothing}
      ${one.possibleDuplicate ? html`<span class="summary">may be a second message: ${one.possibleDuplicate}</span>` : nothing}
    </a>
  </li>`;
}

class Notifications extends Element {
  static watches = ['notifications', 'alerts'];

  render() {
    const all = model.shownNotifications();
    const failed = all.filter((one) => one.state === 'failed').length;
    return html`
      <section class="card notifications" aria-label="Notifications">
        <header><h2>Notifications</h2><span class="aside ${failed ? 'bad' : ''}">${failed ? failed + ' failed' : nothing}</span></header>
        ${all.length === 0
          ? html`<p class="nothing shown">${model.troubles.notifications ? 'Cannot be read: ' + model.troubles.notifications : model.loaded.notifications ? 'Nobody has been told anything yet' : 'Loading …'}</p>`
          : html`<ul class="list" tabindex="0" aria-label="Notifications">${repeat(all.slice(0, MAX_SHOWN), (one) => one.id, notification)}</ul>`}
      </section>
    `;
  }
}

customElements.define('vd-notifications', Notifications);
