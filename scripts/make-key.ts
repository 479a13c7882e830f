import { hash, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { scopes } from '@commitments/http-kit'

// npm run --silent make-key -- <name> <scope>… [--party <id>] [--expires <time>] [--not-before <time>]
// prints a new secret, for the caller only, and the entry for API_KEYS_FILE.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { party: { type: 'string' }, expires: { type: 'string' }, 'not-before': { type: 'string' } },
})
const [name, ...wanted] = positionals
const known: readonly string[] = scopes
const terms = { notBefore: values['not-before'], expires: values.expires }
const badTime = Object.values(terms).some((time) => time !== undefined && !isInstant(time))
if (name === undefined || wanted.length === 0 || !wanted.every((scope) => known.includes(scope)) || badTime) {
  console.error(
    `Give a name and at least one of the scopes ${scopes.join(', ')}; --party <id> for one who speaks for that party only; --expires and ` +
      '--not-before with a time such as 2027-01-31T12:00:00Z.',
  )
  process.exit(2)
}
const secret = randomBytes(24).toString('base64url')
const sha256 = hash('sha256', secret)
const party = values.party === undefined ? {} : { party: values.party }
const given = Object.fromEntries(Object.entries(terms).filter(([, time]) => time !== undefined))
console.log(`Secret, for the caller only: ${secret}`)
console.log(`Entry for API_KEYS_FILE:     ${JSON.stringify({ name, ...party, scopes: wanted, sha256, ...given })}`)
console.log(
  `To change the secret of a key that is there, make its "sha256" a list of the old digest and this one until the caller has the new secret: ${JSON.stringify({ sha256, ...given })}`,
)

function isInstant(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  )
}
