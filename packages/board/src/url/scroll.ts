/** The place on the page where the reader was, so that Back returns to the same row. */

interface Spot {
  readonly top: number
  /** The address of the link that had the focus. */
  readonly link: string | null
  /** A visible link: what is above it may still grow after returning. */
  readonly seen: Seen | null
}

interface Seen {
  readonly link: string
  /** Its distance from the upper edge of the window. */
  readonly below: number
}

const storageKey = 'commitments.scroll'

/** Before leaving: keeps the place, also over a reload. */
export function remember(): void {
  const focused = document.activeElement
  const link = focused instanceof HTMLAnchorElement ? focused.getAttribute('href') : null
  const spot: Spot = { top: scrollY, link, seen: scrollY === 0 ? null : linkInSight() }
  const spots = { ...read(), [key()]: spot }
  const newest = Object.fromEntries(Object.entries(spots).slice(-50))
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(newest))
  } catch {
    // In a browser that keeps nothing, the page starts at the top, and works.
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

/** The first link with that address. */
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

/** Shows the element of the fragment as soon as it exists, and keeps it in place while the page around it still grows. */
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

/** A reader who scrolls or types meanwhile is not moved back. */
function watchForMoves(): { moved: boolean } {
  const watched = { moved: false }
  const stop = () => {
    watched.moved = true
  }
  for (const name of ['wheel', 'touchmove', 'pointerdown', 'keydown'])
    addEventListener(name, stop, { once: true, passive: true })
  return watched
}

/** After returning: scrolls as soon as what was visible is there again, and keeps it in place while the page still grows. */
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

/** Tries after each frame until it is done, for as long as a slow connection may take. */
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
