/** Changes the moment: in place while a slider is dragged, and as one step of the history when it is released. */
import { batch } from '@preact/signals'
import { dragging } from '../data/connection.ts'
import { go, hereWith, query, replace } from '../url/location.ts'
import { isPast } from '../url/moment.ts'
import type { Query } from '../url/query.ts'

type Moment = { readonly [Name in 'asOf' | 'knownAt' | 'knownAtPosition']?: Query[Name] | undefined }

/** A slider sends more changes than can be drawn. */
const pause = 60

let before: string | null = null
let waiting: Moment | null = null
let timer: ReturnType<typeof setTimeout> | undefined

/** While a slider moves. */
export function drag(moment: Moment): void {
  if (before === null) {
    before = location.href
    dragging.value = true
  }
  waiting = moment
  timer ??= setTimeout(apply, 0)
}

function apply(): void {
  if (waiting !== null) replace(hereWith(waiting))
  waiting = null
  timer = before === null ? undefined : setTimeout(next, pause)
}

function next(): void {
  timer = undefined
  if (waiting !== null) apply()
}

/** Steps that follow each other this fast are one step of the history, so that Back does not repeat every key press. */
const oneStep = 1_500

let last: { readonly href: string; readonly at: number } | null = null

/** The slider was released, or a key, a button or a field was used. */
export function travel(moment: Moment): void {
  clearTimeout(timer)
  timer = undefined
  waiting = null
  const target = hereWith(moment)
  const again = last !== null && last.href === (before ?? location.href) && Date.now() - last.at < oneStep
  batch(() => {
    if (before !== null) replace(before)
    before = null
    dragging.value = false
    if (again) replace(target)
    else go(target)
  })
  last = { href: location.href, at: Date.now() }
}

export function backToNow(): void {
  if (isPast(query.peek())) travel({ asOf: undefined, knownAt: undefined, knownAtPosition: undefined })
}
