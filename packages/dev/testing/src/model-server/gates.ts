/** Named points at which something waits until somebody lets it go; a gate once released stays open. */
export interface Gates {
  release(name: string): void
  wait(name: string): Promise<void>
}

export function createGates(): Gates {
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const gate = (name: string): PromiseWithResolvers<void> => {
    const known = gates.get(name) ?? Promise.withResolvers<void>()
    gates.set(name, known)
    return known
  }
  return { release: (name) => gate(name).resolve(), wait: (name) => gate(name).promise }
}
