import type { Check, Finding, Verdict } from '../verdict.ts'

const marks: Readonly<Record<Finding['outcome'], string>> = {
  held: 'ok         ',
  broken: 'BROKEN     ',
  'not-checked': 'not checked',
  'left-out': 'left out   ',
}

/** The verdict for people: first one sentence, then what was checked. */
export function verdictText({ sentence, checks }: Verdict): string {
  return [sentence, '', ...checks.map(checkLine)].join('\n')
}

function checkLine({ name, finding }: Check): string {
  return `  ${marks[finding.outcome]}  ${name.padEnd(9)}  ${findingText(finding)}`
}

export function findingText(finding: Finding): string {
  if ('sentence' in finding) return finding.sentence
  const position =
    finding.outcome === 'broken' && finding.position !== undefined ? `Position ${finding.position}: ` : ''
  return `${position}${finding.because}.`
}
