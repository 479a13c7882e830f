import { signal } from '@preact/signals'

/** Whether the page is being printed: everything is opened then. */
export const printing = signal(false)
