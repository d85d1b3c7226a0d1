import { closeSync, readdirSync, readFileSync } from 'node:fs'

const closeOnExec = 0o2000000

/**
 * Closes what the program that started us left open besides the three standard streams: whatever we start would have it too, and through an
 * open folder a contained command goes past its sandbox. Node itself closes the first few alone. To be called before anything is
 * opened; what Node opens is told by its mark. Linux only; elsewhere nothing is found.
 */
export function closeInherited(): void {
  for (const descriptor of openDescriptors()) {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readInfo(descriptor))?.[1]
    if (flags === undefined || (Number.parseInt(flags, 8) & closeOnExec) !== 0) continue
    try {
      closeSync(descriptor)
    } catch {
      // Gone meanwhile.
    }
  }
}

function openDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd')
      .map(Number)
      .filter((descriptor) => descriptor > 2)
  } catch {
    return []
  }
}

function readInfo(descriptor: number): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')
  } catch {
    return '' // the one that listed the others
  }
}
