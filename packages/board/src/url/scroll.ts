/** Where on the page the reader was, so that Back leads to the very row that was left. */

interface Spot {
  readonly top: number
  /** The address of the link that had the focus. */
  readonly link: string | null
  /** A link in sight: what stands above it may still grow after coming back. */
  readonly seen: Seen | null
}

interface Seen {
  readonly link: string
  /** How far below the upper edge of the window. */
  readonly below: number
}

const storageKey = 'commitments.scroll'

/** Before leaving: keeps the spot, also over a reload. */
export function remember(): void {
  const focused = document.activeElement
  const link = focused instanceof HTMLAnchorElement ? focused.getAttribute('href') : null
  const spot: Spot = { top: scrollY, link, seen: scrollY === 0 ? null : linkInSight() }
  const spots = { ...read(), [key()]: spot }
  const newest = Object.fromEntries(Object.entries(spots).slice(-50))
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(newest))
  } catch {
    // A browser that keeps nothing scrolls to the top, and works.
  }
}

function linkInSight(): Seen | null {
  for (const link of document.querySelectorAll('main a[href]')) {
    const address = link.getAttribute('href') ?? ''
    const below = link.getBoundingClientRect().top
    if (below >= 0 && linkTo(address) === link) return { link: address, below }
  }
  return null
}

/** The first that leads there. */
function linkTo(address: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`a[href="${CSS.escape(address)}"]`)
}

/** A new page begins at its top, and its heading is read out. */
export function forget(): void {
  scrollTo(0, 0)
  afterwards(() => {
    if (location.hash === '') document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
    return true
  })
}

/** Shows what the part of the address behind `#` names, as soon as it is there, and stays with it while the page around it still grows. */
export function showFragment(fragment: string): void {
  const leave = watchForMoves()
  let frames = 0
  afterwards(() => {
    const element = leave.moved ? null : document.getElementById(fragment)
    if (leave.moved) return true
    if (element === null) return false
    element.scrollIntoView()
    if (frames === 0) element.focus({ preventScroll: true })
    frames += 1
    return frames > 30
  })
}

/** Whoever scrolls or types meanwhile is not pulled back. */
function watchForMoves(): { moved: boolean } {
  const watched = { moved: false }
  const stop = () => {
    watched.moved = true
  }
  for (const name of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
    addEventListener(name, stop, { once: true, passive: true })
  return watched
}

/** After coming back: scrolls as soon as what was in sight is there again, and stays with it while the page still grows. */
export function restore(): void {
  const spot = read()[key()]
  const fragment = location.hash.slice(1)
  if (spot === undefined) {
    if (fragment !== '') showFragment(fragment)
    return
  }
  const leave = watchForMoves()
  let frames = 0
  afterwards(() => {
    if (leave.moved) return true
    const link = spot.link === null ? null : linkTo(spot.link)
    if (!scrollBackTo(spot) || (spot.link !== null && link === null)) return false
    if (frames === 0) link?.focus({ preventScroll: true })
    frames += 1
    return frames > 30
  })
}

/** Whether the page is long enough for it. */
function scrollBackTo({ top, seen }: Spot): boolean {
  const link = seen === null ? null : linkTo(seen.link)
  if (seen === null || link === null) scrollTo(0, top)
  else scrollBy(0, link.getBoundingClientRect().top - seen.below)
  return seen === null ? Math.abs(scrollY - top) < 2 : link !== null
}

/** Tries after each frame until it is done, for as long as a slow line may take. */
function afterwards(attempt: () => boolean): void {
  const until = performance.now() + 10_000
  const next = () => {
    if (!attempt() && performance.now() < until) requestAnimationFrame(next)
  }
  requestAnimationFrame(next)
}

function key(): string {
  const state = history.state as { readonly key?: string } | null
  return state?.key ?? 'first'
}

function read(): Readonly<Record<string, Spot>> {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') as Record<string, Spot>
  } catch {
    return {}
  }
}
