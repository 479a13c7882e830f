/** Light or dark: the setting of the device, until the reader chooses. */
import { signal } from '@preact/signals'
import { choose } from './choices.ts'
import { preferredTheme } from './preferred.ts'

export type Theme = 'light' | 'dark' | 'device'

export const theme = signal<Theme>('device')

export function startTheme(): void {
  show(preferredTheme(location.search, location.pathname) ?? 'device')
}

export function chooseTheme(wanted: Theme): void {
  choose('theme', wanted === 'device' ? null : wanted)
  show(wanted)
}

function show(wanted: Theme): void {
  theme.value = wanted
  const { dataset } = document.documentElement
  if (wanted === 'device') delete dataset['theme']
  else dataset['theme'] = wanted
}
