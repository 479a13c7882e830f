import { say } from '../terminal.ts'

export interface Running {
  readonly command: string
  readonly projection: string
  /** The key that was created here, if none is configured. */
  readonly key: { readonly secret: string; readonly file: string } | null
  /** The key of the transparency log; null if nothing is signed. */
  readonly verifierKey: string | null
}

/** The addresses to open, and the key for writing. */
export function describeRunning(running: Running): void {
  const { command, projection, key, verifierKey } = running
  say(`
Commitments is ready.

  The board                    ${projection}/
  Where each proposal stands   ${projection}/v1/proposals
  One of them                  ${projection}/v1/proposals/vkist-phase-2
  Totals                       ${projection}/v1/portfolio
  Reading, documented          ${projection}/docs
  Recording, documented        ${command}/docs
  The signed log               ${projection}/log/checkpoint
  Its verifier key             ${verifierKey ?? `none yet: ${projection}/health/ready gives the reason`}
  Health                       ${command}/health/ready
                               ${projection}/health/ready

${key ? `  Key to write with            ${key.secret}\n  (kept in ${key.file})` : '  Key to write with            one of those you configured'}

Try what recording an event would do. Nothing is recorded for as long as dryRun=true stands there; what is recorded stays for good.

${example(command, key?.secret ?? '<your key>')}

Ctrl-C ends everything; npm start finds it as it was.`)
}

function example(command: string, secret: string): string {
  const body = {
    type: 'agreed',
    occurredOn: new Date().toISOString().slice(0, 10),
    evidence: [{ title: 'Exchange of letters', supports: 'Both ministries agreed to hold the tenth session.' }],
    data: { form: 'exchange-of-notes', parties: ['most-vn', 'msit-kr'] },
  }
  return `  curl -i '${command}/v1/proposals/jcm10/events?dryRun=true' \\
    -H 'Authorization: Bearer ${secret}' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify(body)}'`
}
