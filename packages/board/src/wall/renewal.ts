/** Loads the page again when the service has a new one, and once a night: nobody stands before a wall to do it. */
import { silentSince } from '../data/connection.ts'
import { readShell } from '../shell.ts'

const lookEvery = 30_000
const hour = 3_600_000

/** @returns what ends it */
export function startRenewal(): () => void {
  const openedAt = Date.now()
  const timer = setInterval(() => void look(openedAt), lookEvery)
  return () => clearInterval(timer)
}

/** Only what the service has just given is loaded: while it is away, the old page is better than none. */
async function look(openedAt: number): Promise<void> {
  if (silentSince.peek() !== null) return
  const build = await buildNow().catch(() => null)
  if (build === null || build === '') return
  if (build !== readShell().build || isNight(openedAt)) location.reload()
}

async function buildNow(): Promise<string | null> {
  const answer = await fetch(location.href, { cache: 'no-cache', headers: { Accept: 'text/html' } })
  if (!answer.ok) return null
  return / data-build="([^"]*)"/.exec(await answer.text())?.[1] ?? null
}

/** Between three and four, where the ledger is kept, on a page that was not opened this night. */
function isNight(openedAt: number): boolean {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: readShell().timeZone, hour: '2-digit', hourCycle: 'h23' })
  return format.format(new Date()) === '03' && Date.now() - openedAt > 2 * hour
}
