/** How one kind of program calls the kernel: its mark in the filter's data, and the numbers of what is refused. */
interface Machine {
  readonly mark: number
  readonly ioctl: number
  /** add_key, request_key, keyctl: the keyrings of the person who started us. */
  readonly keys: readonly number[]
  /** Numbers from here on are a second way to the same calls (x32). */
  readonly otherWay: number | null
}

const machines: Readonly<Record<string, readonly Machine[]>> = {
  x64: [
    { mark: 0xc000003e, ioctl: 16, keys: [248, 249, 250], otherWay: 0x40000000 },
    { mark: 0x40000003, ioctl: 54, keys: [286, 287, 288], otherWay: null },
  ],
  arm64: [
    { mark: 0xc00000b7, ioctl: 29, keys: [217, 218, 219], otherWay: null },
    { mark: 0x40000028, ioctl: 54, keys: [309, 310, 311], otherWay: null },
  ],
}

/** TIOCSTI and TIOCLINUX: both put words into a terminal as if a person had typed them. */
const typingRequests = [0x5412, 0x541c]

const load = 0x20
const jumpIfEqual = 0x15
const jumpIfAtLeast = 0x35
const end = 0x06
const [allowed, refused] = [0x7fff0000, 0x00050001]
/** Where the kernel shows the machine, the number of the call and its second argument. */
const at = { machine: 4, number: 0, argument: 24 }

/** The program that Linux runs at each system call (classic BPF); null for a machine whose numbers are not known here. */
export function seccompFilter(machine: string): Buffer | null {
  const known = machines[machine]
  if (known === undefined) return null
  const instructions = [[load, 0, 0, at.machine] as const, ...known.flatMap(blockOf), [end, 0, 0, refused] as const]
  const bytes = Buffer.alloc(instructions.length * 8)
  for (const [index, [code, ifTrue, ifFalse, value]] of instructions.entries()) {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(ifTrue, index * 8 + 2)
    bytes.writeUInt8(ifFalse, index * 8 + 3)
    bytes.writeUInt32LE(value, index * 8 + 4)
  }
  return bytes
}

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, value: number]

/** Every way out of a block is in it: its last two instructions allow and refuse. */
function blockOf({ mark, ioctl, keys, otherWay }: Machine): Instruction[] {
  const tests: (readonly [code: number, value: number])[] = [
    ...(otherWay === null ? [] : ([[jumpIfAtLeast, otherWay]] as const)),
    ...keys.map((key) => [jumpIfEqual, key] as const),
  ]
  const length = 1 + tests.length + 2 + typingRequests.length + 2
  const toRefused = (index: number): number => length - 1 - index - 1
  const body: Instruction[] = [[load, 0, 0, at.number]]
  for (const [code, value] of tests) body.push([code, toRefused(body.length), 0, value])
  body.push([jumpIfEqual, 0, toRefused(body.length) - 1, ioctl], [load, 0, 0, at.argument])
  for (const request of typingRequests) body.push([jumpIfEqual, toRefused(body.length), 0, request])
  body.push([end, 0, 0, allowed], [end, 0, 0, refused])
  return [[jumpIfEqual, 0, body.length, mark], ...body]
}
