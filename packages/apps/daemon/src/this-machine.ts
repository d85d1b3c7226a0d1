import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** The same for processes that see each other: another host, container or start of the machine has another one. */
export function thisMachine(): string {
  return [
    hostname(),
    orElse(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    orElse(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ')
}

function orElse(read: () => string): string {
  try {
    return read()
  } catch {
    return '' // not Linux
  }
}
