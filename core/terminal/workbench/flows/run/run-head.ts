import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { formatDuration } from '../../../../shell/format/times.ts';
import { displayWidth } from '../../../../shell/format/width.ts';
import { signs } from '../../../../shell/render/paint.ts';
import type { Surface } from '../../../contract.ts';
import { drawProgress } from '../../../widgets/data/progress.ts';
import { asSafe, drawLine, drawText, quiet, strong, toneStyle } from '../lines.ts';
import { type RunFacts, runLine, type StepFacts } from './run-facts.ts';

const stages = ['source', 'network', 'proxy', 'target', 'media'] as const;

const shownReasons = 2;

/** Draws the steps in a row, each with its sign and time; goes on in the next row where there is no room. Answers the rows. */
function drawSteps(surface: Surface, top: number, steps: readonly StepFacts[]): number {
  let x = 1;
  let y = top;
  for (const step of steps) {
    const took = step.tookMs === null ? '' : ` ${formatDuration(step.tookMs)}`;
    const text = safeText(`${signs[step.tone]} ${step.use}${took}`);
    const columns = displayWidth(text);
    if (x > 1 && x + columns > surface.width) {
      x = 1;
      y += 1;
    }
    surface.text(x, y, text, toneStyle(step.tone));
    x += columns + 3;
  }
  return y - top + 1;
}

/** Where the time goes: the stages that bytes pass, the one that holds the others up marked. */
function drawStages(surface: Surface, y: number, facts: RunFacts): number {
  const { bottleneck } = facts.progress ?? {};
  if (bottleneck === undefined) return 0;
  let x = 1 + drawLine(surface, 1, y, safeText('held up by  '), quiet);
  for (const stage of stages) {
    const isIt = stage === bottleneck;
    x += drawLine(
      surface,
      x,
      y,
      asSafe(isIt ? `▶ ${stage}` : stage),
      isIt ? { ...toneStyle('active'), bold: true } : quiet,
    );
    x += drawLine(surface, x, y, asSafe(stage === 'media' ? '' : ' · '), quiet);
  }
  return 1;
}

/** How it works and why: what was decided last, each once. An attempt that is made again decides the same again. */
function latestReasons({ reasons }: RunFacts): readonly string[] {
  const told = reasons.map(({ decision, because }) => `${decision}, because ${because}`);
  return [...new Set(told.toReversed())].slice(0, shownReasons).toReversed();
}

function lowerLines(facts: RunFacts): readonly (readonly [SafeText, Parameters<typeof drawText>[4]])[] {
  if (!facts.isOver) return [];
  const cleaned = facts.cleaned.map((line) => [safeText(`cleaned: ${line}`), undefined] as const);
  const nothing =
    facts.state === 'cancelled' && cleaned.length === 0
      ? [[safeText('nothing was left to clean'), quiet] as const]
      : [];
  return [...(facts.figures === '' ? [] : [[safeText(facts.figures), undefined] as const]), ...cleaned, ...nothing];
}

/** The upper part of a run's page. Answers the rows that it took; a low window leaves room for the log. */
export function drawRunHead(surface: Surface, facts: RunFacts): number {
  const sign = signs[facts.tone];
  const x = 1 + surface.text(1, 0, asSafe(`${sign} `), toneStyle(facts.tone));
  drawLine(surface, x, 0, safeText(runLine(facts)), strong);
  let y = 1;
  for (const reason of latestReasons(facts)) y += drawText(surface, 1, y, safeText(reason), quiet, 2);
  y += drawSteps(surface, y, facts.steps);
  if (!facts.isOver && facts.progress !== null) {
    drawProgress(surface, 1, y, surface.width - 2, facts.progress);
    y += 1;
    y += drawStages(surface, y, facts);
  }
  if (facts.error !== null && facts.state !== 'cancelled') {
    y += drawText(
      surface,
      1,
      y,
      safeText(`${signs.bad} ${facts.error.message} [${facts.error.code}]`),
      toneStyle('bad'),
      3,
    );
    if (facts.error.remedy !== null) y += drawText(surface, 1, y, safeText(`  → ${facts.error.remedy}`), undefined, 2);
  }
  for (const [line, style] of lowerLines(facts)) y += drawText(surface, 1, y, line, style, 2);
  return Math.min(y, Math.max(1, surface.height - 2));
}
