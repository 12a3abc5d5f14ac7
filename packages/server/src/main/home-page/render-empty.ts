import { type Html, html } from '../../platform/http/index.js';

/** What a newcomer sees: the exact commands to begin. */
export function renderEmpty(): Html {
  return html`<section class="card welcome" aria-labelledby="welcome">
  <h1 id="welcome">Nothing is declared here yet</h1>
  <p>This server is ready. A project file tells it which data to take in, how to train and judge a model, and what must
  hold before the model may serve. The example in the repository predicts whether it rains tomorrow in the port of Seattle:</p>
  <ol class="begin">
    <li><p>See what the project would declare, then declare it.</p>
<pre><code>npx fairlead plan  -f examples/port-weather/fairlead.yaml
npx fairlead apply -f examples/port-weather/fairlead.yaml</code></pre></li>
    <li><p>Run its pipeline: from the raw file to a candidate whose gates are decided.</p>
<pre><code>npx fairlead run rain
npx fairlead status</code></pre></li>
    <li><p>Or stop this server and watch the whole life cycle once, from raw file to drift, retraining and release.</p>
<pre><code>npm run demo</code></pre></li>
  </ol>
  <p>Programs can do all of it as well: <a href="/api/docs">the API documents</a>.</p>
</section>`;
}
