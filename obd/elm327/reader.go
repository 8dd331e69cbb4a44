package elm327

import "bytes"

// DefaultMaxReply is the longest reply that a Reader keeps by default: a message of
// 4095 bytes in lines with headers takes some 12,000 characters.
const DefaultMaxReply = 64 << 10

// Reader finds replies in text that comes in pieces of any size, as from a serial
// line: the same replies however the text is cut. The zero value is ready. It is
// not for use by several goroutines.
type Reader struct {
	MaxReply int // characters of one reply that are kept; 0: DefaultMaxReply

	text []byte // since the last prompt
	lost bool   // there was more than MaxReply
}

// Feed takes the next piece of text and returns the replies it completes, one for
// each prompt. Offsets count from the start of the reply. Of a reply that is longer
// than MaxReply the lines that fit are read, and Truncated is set.
func (r *Reader) Feed(chunk []byte) []Reply {
	var replies []Reply
	for {
		end := bytes.IndexByte(chunk, '>')
		if end < 0 {
			r.keep(chunk)
			return replies
		}
		r.keep(chunk[:end])
		chunk = chunk[end+1:]
		replies = append(replies, r.end(">"))
	}
}

// Rest reads what has come since the last prompt as far as it goes, and forgets it:
// for the end of a stream. The reply is not Complete.
func (r *Reader) Rest() Reply { return r.end("") }

// Pending returns how many characters wait for their prompt.
func (r *Reader) Pending() int { return len(r.text) }

// keep takes text up to the limit.
func (r *Reader) keep(text []byte) {
	limit := r.MaxReply
	if limit == 0 {
		limit = DefaultMaxReply
	}
	if room := limit - len(r.text); len(text) > room {
		text, r.lost = text[:max(room, 0)], true
	}
	r.text = append(r.text, text...)
}

// end reads what is kept. Of a reply that was cut the last line is not whole.
func (r *Reader) end(prompt string) Reply {
	text := r.text
	if r.lost {
		text = text[:bytes.LastIndexAny(text, "\r\n")+1]
	}
	reply := Parse(string(text) + prompt)
	reply.Truncated = r.lost
	r.text, r.lost = r.text[:0], false
	return reply
}
