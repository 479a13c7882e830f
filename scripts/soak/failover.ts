/** `npm run soak -- failover [trials [seed]]`. */
import { type Plan, planOf, planText } from '../../tests/failover/plan.ts'
import { type Outcome, runTrial } from '../../tests/failover/trial.ts'
import { Misused } from '../command.ts'

type Say = (line: string) => void

export function soakFailover(given: readonly string[], say: Say): Promise<number> {
  return runTrials(given, 10, say, runTrial)
}

/** Trials with one seed after another. @returns the exit status */
export async function runTrials(
  [trialsText, seedText]: readonly string[],
  usualTrials: number,
  say: Say,
  run: (plan: Plan, say: Say) => Promise<Outcome>,
): Promise<number> {
  const trials = trialsText === undefined ? usualTrials : Number(trialsText)
  const first = seedText === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(seedText)
  if (!Number.isSafeInteger(trials) || trials < 1 || !Number.isSafeInteger(first))
    throw new Misused(`${trialsText} ${seedText ?? ''} is not a number of trials, with or without a seed.`)
  let wrong = 0
  for (let seed = first; seed < first + trials; seed += 1) {
    const plan = planOf(seed)
    say(`seed ${seed}: ${planText(plan)}`)
    const { acknowledged, lost, faults } = await run(plan, (line) => say(`  ${line}`))
    for (const fault of faults) say(`  WRONG: ${fault}`)
    if (faults.length > 0) wrong += 1
    else
      say(
        `seed ${seed} holds: ${acknowledged} events acknowledged, ${lost} lost${lost > 0 ? ', which was noticed' : ''}`,
      )
  }
  return wrong === 0 ? 0 : 2
}
