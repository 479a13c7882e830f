#!/usr/bin/env python3
"""verify.py FEED CHECKPOINT: are these lines, without a gap, exactly those over whose root the checkpoint is signed?

Both are files or addresses. Python 3.9 or newer, and nothing else. Exit status: 0 yes, 2 no, 1 it could not be checked.
Whether the checkpoint is rightly signed is the other half of the question: docs/audit.md says how openssl answers it.
"""
import base64, binascii, hashlib, json, re, sys, urllib.request

def sha256(data): return hashlib.sha256(data).digest()

def invalid(text): print('INVALID', text); sys.exit(2)

def unchecked(text): print('COULD NOT BE CHECKED', text); sys.exit(1)

def lines_of(name):
    if not name.startswith(('http://', 'https://')): return open(name, 'rb')
    return urllib.request.urlopen(urllib.request.Request(name, headers={'Accept': 'application/x-ndjson, text/plain'}))

def checkpoint_of(name):
    try: note = b''.join(lines_of(name)).decode()
    except (OSError, ValueError) as error: unchecked(f'the checkpoint cannot be read: {error}')
    # What an editor or a copy leaves in a text, and no log writes.
    if re.search('\\A\ufeff|\r|[ \t\u00a0]\n|\n\n\n|\n\n\\Z|[^\n]\\Z', note):
        unchecked('the checkpoint is not as it was signed: an editor or a copy has changed white space in it')
    origin, size, root, *_ = (note.rpartition('\n\n')[0].split('\n') + ['', '', ''])
    try: hashed = len(base64.b64decode(root, validate=True)) == 32 and root.endswith('=')
    except (binascii.Error, ValueError): hashed = False
    if not (origin and hashed and re.fullmatch('0|[1-9][0-9]{0,15}', size) and int(size) < 2 ** 53):
        unchecked('the checkpoint is none: it has no origin, no size that is one, or no root')
    return origin, size, root

def lines_to_check(name):
    try: yield from lines_of(name)
    except OSError as error: unchecked(f'the lines cannot be read: {error}')

origin, size, root = checkpoint_of(sys.argv[2])
count, trees = 0, []                            # trees: perfect subtrees from left to right, as [number of leaves, hash]
for line in lines_to_check(sys.argv[1]):
    if count == int(size): break                 # what came after the checkpoint is for the next one
    count += 1
    if not line.endswith(b'\n'): unchecked(f'the line of position {count} is cut off: the file has no line feed at its end')
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
