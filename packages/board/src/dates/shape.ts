/** The form of a recorded date: each form is drawn and worded differently, because each claims something else. */

export type Shape =
  /** An unknown day within a day, a month or a year. */
  | { readonly form: 'day' | 'month' | 'year'; readonly point: string }
  /** An unknown day between two points; null if that side is open. */
  | { readonly form: 'between'; readonly from: string | null; readonly to: string | null }
  /** A period; `to` is null while it continues. */
  | { readonly form: 'lasting'; readonly from: string; readonly to: string | null }
  | { readonly form: 'unknown' }

/** The form of a date of the API (ISO 8601-2, EDTF, see docs/domain.md). */
export function shapeOf(when: string | null): Shape {
  if (when === null) return { form: 'unknown' }
  if (when.startsWith('[')) {
    const [from = '', to = ''] = when.slice(1, -1).split('..')
    return { form: 'between', from: from || null, to: to || null }
  }
  if (when.includes('/')) {
    const [from = '', to = ''] = when.split('/')
    return { form: 'lasting', from, to: to === '..' ? null : to }
  }
  return { form: precisionOf(when), point: when }
}

export function precisionOf(point: string): 'day' | 'month' | 'year' {
  if (point.length === 4) return 'year'
  return point.length === 7 ? 'month' : 'day'
}
