/** The only place that knows where the reader is: the URL. It contains everything that can be shared, reloaded or returned to. */
import { computed, signal } from '@preact/signals'
import { readShell } from '../shell.ts'
import { carriedOf } from './moment.ts'
import { type Page, parsePath, pathOf } from './pages.ts'
import { formatQuery, type Ignored, parseQuery, type Query } from './query.ts'
import { forget, remember, restore, showFragment } from './scroll.ts'

interface Place {
  readonly page: Page
  readonly query: Query
  readonly ignored: readonly Ignored[]
  /** The text after `#`, such as `v16`. */
  readonly fragment: string
}

const { base } = readShell()
const current = signal<Place>(read(location.href))

/** Where the reader is. */
export const place = computed(() => current.value)
export const query = computed(() => current.value.query)

function read(href: string): Place {
  const url = new URL(href)
  return { page: parsePath(url.pathname, base), ...parseQuery(url.search), fragment: url.hash.slice(1) }
}

/** The address of a page. It keeps the selected moment, wherever it leads. */
export function hrefOf(page: Page, query: Query = {}, fragment = ''): string {
  const carried = carriedOf(current.value.query)
  return exactHref(page, { ...carried, ...query }, fragment)
}

/** The address of a page with exactly this query. */
function exactHref(page: Page, query: Query = {}, fragment = ''): string {
  return `${pathOf(page, base)}${formatQuery(query)}${fragment === '' ? '' : `#${fragment}`}`
}

/** The same page with other parameters; undefined removes one. */
export function hereWith(changes: { readonly [Name in keyof Query]?: Query[Name] | undefined }): string {
  const merged = Object.entries({ ...current.value.query, ...changes }).filter(([, value]) => value !== undefined)
  return exactHref(current.value.page, Object.fromEntries(merged))
}

/** Follows an address like a link: Back returns here. */
export function go(href: string): void {
  const url = new URL(href, location.href)
  if (url.href === location.href) return
  remember()
  const samePage = url.pathname === location.pathname
  history.pushState({ key: newKey() }, '', url)
  current.value = read(url.href)
  if (url.hash !== '') showFragment(url.hash.slice(1))
  else if (!samePage) forget()
}

/** Names an entry of the history; it need not be hard to guess. */
function newKey(): string {
  return `${Date.now()} ${Math.random()}`
}

/** Changes the address in place, for example while a slider is dragged: Back does not return here. */
export function replace(href: string): void {
  const url = new URL(href, location.href)
  if (url.href === location.href) return
  history.replaceState(history.state, '', url)
  current.value = read(url.href)
}

/** Makes links of the board, Back and Forward work without reloading. */
export function startNavigation(): void {
  history.scrollRestoration = 'manual'
  if (history.state === null) history.replaceState({ key: 'first' }, '')
  document.addEventListener('click', follow)
  addEventListener('popstate', () => {
    current.value = read(location.href)
    restore()
  })
  addEventListener('pagehide', remember)
  restore()
}

function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = (event.target as Element | null)?.closest('a')
  if (!link || link.target !== '' || link.hasAttribute('download')) return
  const url = new URL(link.href, location.href)
  if (url.origin !== location.origin || parsePath(url.pathname, base).name === 'nowhere') return
  if (url.searchParams.get('format') !== null) return
  event.preventDefault()
  // The same address again: the reader may have scrolled away from it.
  if (url.href === location.href && url.hash !== '') showFragment(url.hash.slice(1))
  go(url.href)
}
