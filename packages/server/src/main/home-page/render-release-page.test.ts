import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../platform/http/index.js';
import type { Release } from '../../rooms/release/index.js';
import { NOW_MS } from './home-page.fixture.js';
import { banditOf, releaseView, rolloutOf } from './release-page.fixture.js';
import { releaseSteps } from './release-steps.js';
import { renderReleasePage } from './render-release-page.js';

const HOSTILE = `"><script>alert('x')</script>`;

function render(change: Partial<Release>, name = 'rain'): string {
  return renderHtml(renderReleasePage(releaseView(name, change), { nonce: 'n0nce' }));
}

const commandsOf = (change: Partial<Release>) =>
  releaseSteps(releaseView('rain', change)).map(({ command }) => command);

describe('the page of a release', () => {
  it('shows every gate and guardrail with verdict, finding, demand and evidence', () => {
    const page = render({ state: 'rolling-out', rollout: rolloutOf('rain') });
    for (const fact of [
      'insufficient',
      '0 % of 3 requests of rain',
      'required: at most 1 %',
      '&quot;requests&quot;: 3',
    ]) {
      expect(page).toContain(fact);
    }
    // What decides now stands first.
    expect(page.indexOf('id="guardrails"')).toBeLessThan(page.indexOf('id="gates"'));
    expect(page).toContain('href="/api/v1/models/rain/versions/2/report"');
  });

  it('shows every version of a bandit with its share, its rewards and why it was taken out', () => {
    const page = render({ state: 'rolling-out', rollout: banditOf('rain') });
    for (const fact of [
      'Bandit of 4 versions (v2 20 %, v1 50 %, v3 30 %, v4 taken out)',
      '<span class="chip calm">30 %</span>',
      '12 rewards, the best with probability 0.75',
      'taken out</span>',
      'Error ratio 40 % of rain',
      'href="/releases/rel3"',
      'id="guardrails-of-version-3"',
    ]) {
      expect(page).toContain(fact);
    }
  });

  it('escapes what people wrote, has no script and stands still', () => {
    const paused = { by: HOSTILE, reason: HOSTILE, sinceMs: NOW_MS };
    const page = render({ state: 'rolling-out', rollout: rolloutOf(HOSTILE, { paused }) }, HOSTILE);
    expect(page).not.toMatch(/<script|\sstyle=|\son[a-z]+=|http-equiv/);
    const bandit = render({ state: 'rolling-out', rollout: banditOf(HOSTILE) }, HOSTILE);
    expect(bandit).not.toMatch(/<script|\sstyle=|\son[a-z]+=|http-equiv/);
  });
});

describe('what can be done with a release', () => {
  it('is to sign in each role that is missing, but not by its authors', () => {
    const steps = releaseSteps(releaseView('rain', { state: 'awaiting-approval', signatures: [] }));
    expect(steps.map(({ what }) => what)).toEqual(['Sign as qa', 'Sign as product-owner', 'Or sign against it']);
    expect(steps[0]?.who).toBe('a person with the role qa, but not rain');
    const over = { meaning: 'approved', comment: '', atMs: NOW_MS, over: 'x' } as const;
    const signed = { ...over, person: 'olivia', role: 'product-owner' } as const;
    expect(commandsOf({ state: 'awaiting-approval', signatures: [signed] })).toEqual([
      'fairlead release sign rel1 --role qa --comment "…" --token "$TOKEN"',
      'fairlead release sign rel1 --role qa --reject --comment "…" --token "$TOKEN"',
    ]);
  });

  it('is to waive gates that did not pass, by place where several are of a kind, where the policy knows waivers', () => {
    const gatesFailed = releaseView('rain', { state: 'gates-failed' });
    expect(releaseSteps(gatesFailed).map(({ command }) => command)).toEqual([
      'fairlead release waive rel1 --gate beats-baseline --place 2 --role risk-manager --for 7d --reason "…" --token "$TOKEN"',
      'fairlead release waive rel1 --gate beats-baseline --place 3 --role risk-manager --for 7d --reason "…" --token "$TOKEN"',
    ]);
    const { waivers: _, ...strict } = gatesFailed.policy ?? { waivers: undefined };
    expect(releaseSteps({ ...gatesFailed, policy: strict as typeof gatesFailed.policy })).toEqual([]);
  });

  it('is to pause, promote or take back a rollout, and to let a paused one go on', () => {
    const staged = { state: 'rolling-out', environment: 'staging' } as const;
    expect(commandsOf({ ...staged, rollout: rolloutOf('rain') })).toEqual([
      'fairlead release pause rel1 --reason "…"',
      'fairlead release promote rel1',
      'fairlead release rollback rain --environment staging --reason "…"',
    ]);
    const paused = { by: 'ann', reason: 'lunch', sinceMs: NOW_MS };
    expect(commandsOf({ ...staged, rollout: rolloutOf('rain', { paused }) })[0]).toBe('fairlead release resume rel1');
  });

  it('is nothing once it has ended, nor while it takes part in the bandit of another', () => {
    expect(commandsOf({ state: 'approved' })).toEqual(['fairlead release rollout rel1']);
    expect(commandsOf({ state: 'approved', armOf: 'rel2' })).toEqual([]);
    expect(commandsOf({ state: 'rejected' })).toEqual([]);
  });
});
