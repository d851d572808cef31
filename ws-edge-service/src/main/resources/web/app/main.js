import { html } from 'lit';
import { Element } from './element.js';
import { model } from './model.js';
import './header.js';
import './sign-in.js';
import './tiles.js';
import './charts.js';
import './alerts.js';
import './notifications.js';
import './records.js';
import './measurements.js';
import './drawer.js';

/** The page. Drawers open by the address' fragment, so every detail has a link. */
class App extends Element {
  static watches = ['session'];

  constructor() {
    super();
    this.replaceChildren();
  }

  firstUpdated() {
    model.begin();
  }

  render() {
    if (model.session === undefined) {
      return html`<p class="boot" role="status">${model.sessionTrouble ? 'Waiting for the server: ' + model.sessionTrouble : 'Loading …'}</p>`;
    }
    if (model.session === null) {
      return html`<vd-sign-in></vd-sign-in>`;
    }
    return html`
      <a class="skip" href="#records-list" @click=${skip}>Skip to the records</a>
      <vd-header></vd-header>
      <main>
        <vd-tiles></vd-tiles>
        <div class="columns">
          <vd-charts></vd-charts>
          <div class="side">
            <vd-alerts></vd-alerts>
            <vd-notifications></vd-notifications>
          </div>
        </div>
        <vd-records></vd-records>
        <vd-measurements></vd-measurements>
      </main>
      <vd-drawer></vd-drawer>
    `;
  }
}

function skip(event) {
  event.preventDefault();
  document.getElementById('records-list')?.focus();
}

customElements.define('vd-app', App);
