// The functions of slow.cc and fast.cc in Go. What its compiler says of them:
//
//	GO111MODULE=off go build -gcflags=-m -o /dev/null escapes.go
package main

import "fmt"

type Item struct{ Cents, Pieces int64 }

type Total struct{ Cents, Pieces int64 }

type Offer struct{ Percent, From, Most int64 }

func (o Offer) Reduce(cents int64) int64 {
	reduction := cents * o.Percent / 100
	if cents < o.From {
		return cents
	} else if reduction > o.Most {
		return cents - o.Most
	}
	return cents - reduction
}

type Payment interface{ Charge(cents int64) int64 }

type Card struct{ Percent int64 }

func (c Card) Charge(cents int64) int64 { return cents + cents*c.Percent/100 }

func Add(order []Item) *Total {
	var total Total
	for _, item := range order {
		total.Cents += item.Cents * item.Pieces
		total.Pieces += item.Pieces
	}
	return &total
}

var last *Total

func Remember(total Total) { last = &total }

func ReductionOf(offer Offer) func(int64) int64 {
	return func(cents int64) int64 { return offer.Reduce(cents) }
}

func PaymentOf(percent int64) Payment {
	return Card{percent}
}

func Lines(order []Item) []int64 {
	var lines []int64
	for _, item := range order {
		lines = append(lines, item.Cents*item.Pieces)
	}
	return lines
}

func DistinctPrices(order []Item) int {
	seen := make([]bool, 128<<10)
	return mark(order, seen)
}

// The same with the rewrites of fast.cc.

func AddValue(order []Item) Total {
	var total Total
	for _, item := range order {
		total.Cents += item.Cents * item.Pieces
		total.Pieces += item.Pieces
	}
	return total
}

var lastValue Total

func RememberValue(total Total) { lastValue = total }

func OfferOf(offer Offer) Offer { return offer }

func CardOf(percent int64) Card { return Card{percent} }

func LineArray(order []Item) (lines [16]int64) {
	for i, item := range order {
		lines[i] = item.Cents * item.Pieces
	}
	return lines
}

func DistinctPricesArray(order []Item) int {
	var seen [128 << 10]bool
	return mark(order, seen[:])
}

func mark(order []Item, seen []bool) (distinct int) {
	for _, item := range order {
		if !seen[item.Cents] {
			seen[item.Cents] = true
			distinct++
		}
	}
	return distinct
}

// The same as Add, of one item: small enough to be inlined, also into a caller that needs no pointer.
func AddOne(item Item) *Total {
	return &Total{item.Cents * item.Pieces, item.Pieces}
}

func CentsOf(item Item) int64 {
	return AddOne(item).Cents
}

func main() {
	x := 42
	fmt.Println(x)
}
