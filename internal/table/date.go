package table

import (
	"time"

	"portolan/internal/language"
)

// Date gives a day as a person writes it: "3 May 2025".
func Date(t time.Time) string { return language.F("%d %s %d", t.Day(), month(t), t.Year()) }

// months and weekdays begin as Go counts them.
var (
	months = [...]string{
		language.Mark("January"), language.Mark("February"), language.Mark("March"), language.Mark("April"),
		language.Mark("May"), language.Mark("June"), language.Mark("July"), language.Mark("August"),
		language.Mark("September"), language.Mark("October"), language.Mark("November"), language.Mark("December"),
	}
	weekdays = [...]string{
		language.Mark("Sunday"), language.Mark("Monday"), language.Mark("Tuesday"), language.Mark("Wednesday"),
		language.Mark("Thursday"), language.Mark("Friday"), language.Mark("Saturday"),
	}
)

func month(t time.Time) string { return language.Marked(months[t.Month()-time.January]) }

func weekday(t time.Time) string { return language.Marked(weekdays[t.Weekday()]) }
