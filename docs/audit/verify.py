#!/usr/bin/env python3
"""verify.py FEED CHECKPOINT: are these lines, without a gap, exactly those over whose root the checkpoint is signed?

Both are files or addresses. Python 3.9 or newer, and nothing else. Exit status: 0 yes, 2 no, 1 it could not be checked.
Whether the checkpoint is rightly signed is the other half of the question: docs/audit.md says how openssl answers it.
"""
import base64, hashlib, json, sys, urllib.request

def sha256(data): return hashlib.sha256(data).digest()

def invalid(text): print('INVALID', text); sys.exit(2)

def lines_of(name):
    if not name.startswith(('http://', 'https://')): return open(name, 'rb')
    return urllib.request.urlopen(urllib.request.Request(name, headers={'Accept': 'application/x-ndjson, text/plain'}))

origin, size, root = [line.decode().rstrip('\n') for line in lines_of(sys.argv[2])][:3]
count, trees = 0, []                            # trees: perfect subtrees from left to right, as [number of leaves, hash]
for line in lines_of(sys.argv[1]):
    if count == int(size): break                 # what came after the checkpoint is for the next one
    count += 1
    try: position = json.loads(line)['position']
    except (ValueError, KeyError, TypeError): position = None
    if position != count: invalid(f'at position {count}: the line there says that it is {position}')
    trees.append([1, sha256(b'\0' + line.removesuffix(b'\n'))])                 # RFC 6962, 2.1: a leaf
    while len(trees) > 1 and trees[-1][0] == trees[-2][0]:
        leaves, right = trees.pop()
        trees[-1] = [2 * leaves, sha256(b'\1' + trees[-1][1] + right)]          # RFC 6962, 2.1: a node
if count < int(size): invalid(f'at position {count + 1}: {size} events are signed, and the lines end here')
while len(trees) > 1: right = trees.pop()[1]; trees[-1][1] = sha256(b'\1' + trees[-1][1] + right)
found = base64.b64encode(trees[0][1] if trees else sha256(b'')).decode()
if found != root: invalid(f'at or before position {size}: the lines come to the root {found}, signed is {root}')
print(f'VALID: positions 1 to {size} of {origin} have the root {root}')
