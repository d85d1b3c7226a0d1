import { CoxError } from './cox-error.ts'

declare const durationBrand: unique symbol
/** Milliseconds. */
export type Duration = number & { readonly [durationBrand]: true }

declare const instantBrand: unique symbol
/** Milliseconds since the Unix epoch. */
export type Instant = number & { readonly [instantBrand]: true }

export const milliseconds = (value: number): Duration => value as Duration
export const seconds = (value: number): Duration => (value * 1_000) as Duration
export const minutes = (value: number): Duration => (value * 60_000) as Duration
export const instant = (value: number): Instant => value as Instant

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Parses `90s`, `10m`, `1h30m`, `250ms`. A bare number is refused: a duration carries its unit. */
export function parseDuration(text: string): Duration {
  const trimmed = text.trim()
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(trimmed)) {
    throw new CoxError('DURATION_INVALID', `"${text}" is not a duration such as 90s, 10m or 1h30m`, {
      hint: 'Write a number with a unit, such as 90s, 10m or 1h30m.',
    })
  }
  let total = 0
  for (const [, value, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g))
    total += Number(value) * (unitMs[unit ?? ''] ?? 0)
  return total as Duration
}

/** `850 ms`, `12.3 s`, `4 min 10 s`, `2 h 5 min`. */
export function formatDuration(duration: number): string {
  if (duration < 1_000) return `${Math.round(duration)} ms`
  if (duration < 60_000) return `${(duration / 1_000).toFixed(1)} s`
  const totalSeconds = Math.round(duration / 1_000)
  if (totalSeconds < 3_600) return `${Math.floor(totalSeconds / 60)} min ${totalSeconds % 60} s`
  return `${Math.floor(totalSeconds / 3_600)} h ${Math.floor((totalSeconds % 3_600) / 60)} min`
}
