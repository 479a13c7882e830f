import type { Check, Finding, Verdict } from '../verdict.ts'

const marks: Readonly<Record<Finding['outcome'], string>> = {
  held: 'ok         ',
  broken: 'BROKEN     ',
  'not-checked': 'not checked',
  'left-out': 'left out   ',
}

/** The verdict for people: first the one sentence, then what was looked at. */
export function verdictText({ sentence, checks }: Verdict): string {
  return plain([sentence, '', ...checks.map(checkLine)].join('\n'))
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

/** What comes from outside must not move the cursor or colour the screen of whoever reads it. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\uFFFD')
}
