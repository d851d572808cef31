import { html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { Element } from './element.js';
import { model } from './model.js';
import { count, duration } from './format.js';
import { meaning } from './metrics.js';
import { amount } from './format.js';

const MAX_SHOWN = 100;

/** Labels that say more than the rule's name does. */
export function labels(alert) {
  return Object.entries(alert.labels ?? {}).filter(([name]) => name !== 'alertname' && name !== 'severity');
}

export function name(alert) {
  return alert.labels?.alertname ?? alert.rule ?? alert.fingerprint;
}

/** The measured value beside what it was compared with. */
export function measured(alert) {
  if (alert.comparison === undefined) return nothing;
  if (alert.comparison === 'absent') return html`absent`;
  const unit = meaning(alert.labels?.__name__ ?? '').unit || (isRatio(alert) ? 'ratio' : '');
  return html`<b>${amount(alert.value, unit)}</b> ${sign(alert.comparison)} ${amount(alert.threshold, unit)}`;
}

function isRatio(alert) {
  return Math.abs(alert.threshold) > 0 && Math.abs(alert.threshold) <= 1 && Math.abs(alert.value ?? 0) <= 1;
}

function sign(comparison) {
  return { '>=': '≥', '<=': '≤', '!=': '≠' }[comparison] ?? comparison;
}

class Alerts extends Element {
  static watches = ['alerts', 'session'];
  static tickMs = 5000;

  render() {
    const all = model.shownAlerts();
    const firing = all.filter((alert) => alert.state === 'firing').length;
    return html`
      <section class="card alerts" aria-label="Alerts">
        <header><h2>Alerts</h2><span class="aside">${firing ? firing + ' firing' : nothing}</span></header>
        ${model.troubles.alerts && all.length === 0
          ? html`<p class="nothing shown">Cannot be read: ${model.troubles.alerts}</p>`
          : all.length === 0
            ? html`<p class="nothing shown">${model.loaded.alerts ? html`<span class="quiet-sign">✓</span> Nothing is wrong` : 'Loading …'}</p>`
            : html`<ul class="list" tabindex="0" aria-label="Alerts">
                ${repeat(all.slice(0, MAX_SHOWN), (alert) => alert.fingerprint, (alert) => this.#item(alert))}
                ${all.length > MAX_SHOWN ? html`<li class="more">and ${count(all.length - MAX_SHOWN)} more</li>` : nothing}
              </ul>`}
      </section>
    `;
  }

  #item(alert) {
    const over = alert.state === 'resolved';
    const since = over ? Date.parse(alert.endsAt ?? alert.updatedAt) : Date.parse(alert.startsAt);
    const fresh = alert.changedMs && Date.now() - alert.changedMs < 4_000;
    return html`<li class="alert ${alert.state} ${fresh ? 'fresh' : ''}" data-severity=${alert.labels?.severity ?? 'none'}>
      <a href=${'#/alerts/' + alert.fingerprint}>
        <span class="first"><b class="name">${name(alert)}</b><span class="state">${alert.state}</span></span>
        ${alert.annotations?.summary ? html`<span class="summary">${alert.annotations.summary}</span>` : nothing}
        <span class="meta">
          ${alert.labels?.severity ? html`<span class="severity">${alert.labels.severity}</span>` : nothing}
          ${labels(alert).slice(0, 3).map(([label, value]) => html`<span class="label">${label}=<b>${value}</b></span>`)}
          <span>${measured(alert)}</span>
          <span class="since" title=${alert.startsAt}>${over ? 'resolved ' : 'for '}${duration(Date.now() - since)}${over ? ' ago' : ''}</span>
          ${alert.silencedBy?.length ? html`<span class="label">silenced</span>` : nothing}
        </span>
      </a>
      ${alert.state === 'firing' && model.mayOperate() ? html`<button class="small" @click=${(event) => this.#acknowledge(event, alert)}>Acknowledge</button>` : nothing}
    </li>`;
  }

  async #acknowledge(event, alert) {
    const button = event.target;
    button.disabled = true;
    try {
      await model.acknowledge(alert.fingerprint);
    } catch (trouble) {
      button.textContent = trouble.message;
    } finally {
      button.disabled = false;
    }
  }
}

customElements.define('vd-alerts', Alerts);
