package times

import (
	"strings"
	"time"
)

// A set is a list of words. The sets and tables of this package are never written to.
type set map[string]bool

func words(list string) set {
	s := set{}
	for w := range strings.FieldsSeq(list) {
		s[w] = true
	}
	return s
}

var elided = words("l d j m n s t c qu")

var abbreviations = words(`a p m mon tue tues wed weds thu thur thurs fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec
	approx ca mo di mi do fr sa so dr mr mrs ms st no hr hrs min mins lun mié jue vie déc janv févr avr juil bzw`)

var weekdays = map[string]time.Weekday{
	"monday": 1, "tuesday": 2, "tue": 2, "tues": 2, "wednesday": 3, "wed": 3, "weds": 3, "thursday": 4, "thu": 4, "thur": 4, "thurs": 4,
	"friday": 5, "fri": 5, "saturday": 6, "sunday": 0,
	"mondays": 1, "tuesdays": 2, "wednesdays": 3, "thursdays": 4, "fridays": 5, "saturdays": 6, "sundays": 0,
	"montag": 1, "dienstag": 2, "mittwoch": 3, "donnerstag": 4, "freitag": 5, "samstag": 6, "sonnabend": 6, "sonntag": 0,
	"montags": 1, "dienstags": 2, "mittwochs": 3, "donnerstags": 4, "freitags": 5,
	"lundi": 1, "mardi": 2, "mercredi": 3, "jeudi": 4, "vendredi": 5, "samedi": 6, "dimanche": 0,
	"lunes": 1, "martes": 2, "miércoles": 3, "miercoles": 3, "jueves": 4, "viernes": 5, "sábado": 6, "sabado": 6, "domingo": 0,
	"segunda-feira": 1, "terça": 2, "terça-feira": 2, "quarta-feira": 3, "quinta-feira": 4, "sexta-feira": 5,
}

// shyWeekdays are words of their own, or short: they count only beside a date, a clock or "on", or alone.
var shyWeekdays = map[string]time.Weekday{
	"mon": 1, "sat": 6, "sun": 0, "mo": 1, "di": 2, "mi": 3, "do": 4, "fr": 5, "mar": 2, "mer": 3, "jeu": 4, "ven": 5, "lun": 1, "mié": 3, "jue": 4, "vie": 5,
	"segunda": 1, "quarta": 3, "quinta": 4, "sexta": 5, "seg": 1, "ter": 2, "qua": 3, "qui": 4, "sex": 5, "sáb": 6, "dom": 0,
}

var months = map[string]time.Month{
	"january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7,
	"august": 8, "aug": 8, "september": 9, "sep": 9, "sept": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12, "dec": 12,
	"januar": 1, "jänner": 1, "februar": 2, "märz": 3, "mai": 5, "juni": 6, "juli": 7, "oktober": 10, "okt": 10, "dezember": 12, "dez": 12,
	"janvier": 1, "janv": 1, "février": 2, "fevrier": 2, "févr": 2, "mars": 3, "avril": 4, "avr": 4, "juin": 6, "juillet": 7, "juil": 7, "août": 8, "aout": 8,
	"septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12, "déc": 12,
	"enero": 1, "ene": 1, "febrero": 2, "marzo": 3, "abril": 4, "abr": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8, "ago": 8, "septiembre": 9, "setiembre": 9,
	"octubre": 10, "noviembre": 11, "diciembre": 12, "dic": 12,
	"janeiro": 1, "fevereiro": 2, "fev": 2, "março": 3, "maio": 5, "junho": 6, "julho": 7, "setembro": 9, "set": 9, "outubro": 10, "out": 10, "novembro": 11, "dezembro": 12,
}

// shyMonths are words of their own as well: a number must follow that counts nothing.
var shyMonths = words("may march mar mars mai set out ago august")

var cardinals = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
	"fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
	"zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11, "zwölf": 12,
	"deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "quinze": 15,
	"dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12,
	"dois": 2, "duas": 2, "três": 3, "sete": 7, "oito": 8, "nove": 9, "dez": 10, "doze": 12,
}

var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12,
	"thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
	"erste": 1, "ersten": 1, "zweite": 2, "zweiten": 2, "dritte": 3, "dritten": 3, "premier": 1, "première": 1, "deuxième": 2, "troisième": 3,
	"primero": 1, "primera": 1, "segundo": 2, "tercero": 3, "tercera": 3, "primeiro": 1, "primeira": 1, "terceiro": 3, "terceira": 3,
}

var ordinalSuffixes = words("st nd rd th er ère º ª ° e")

// units, as what a number of them is: seconds, days or months.
type unit struct{ seconds, days, months int }

var units = map[string]unit{
	"minute": {seconds: 60}, "minutes": {seconds: 60}, "min": {seconds: 60}, "mins": {seconds: 60}, "minuten": {seconds: 60}, "minutos": {seconds: 60},
	"hour": {seconds: 3600}, "hours": {seconds: 3600}, "hr": {seconds: 3600}, "hrs": {seconds: 3600}, "h": {seconds: 3600}, "stunde": {seconds: 3600}, "stunden": {seconds: 3600},
	"heure": {seconds: 3600}, "heures": {seconds: 3600}, "hora": {seconds: 3600}, "horas": {seconds: 3600},
	"day": {days: 1}, "days": {days: 1}, "tag": {days: 1}, "tage": {days: 1}, "tagen": {days: 1}, "jour": {days: 1}, "jours": {days: 1}, "día": {days: 1}, "días": {days: 1}, "dias": {days: 1},
	"week": {days: 7}, "weeks": {days: 7}, "wk": {days: 7}, "wks": {days: 7}, "woche": {days: 7}, "wochen": {days: 7}, "semaine": {days: 7}, "semaines": {days: 7},
	"semana": {days: 7}, "semanas": {days: 7}, "fortnight": {days: 14}, "fortnights": {days: 14},
	"month": {months: 1}, "months": {months: 1}, "mon": {months: 1}, "monat": {months: 1}, "monate": {months: 1}, "monaten": {months: 1}, "mois": {months: 1}, "mes": {months: 1}, "meses": {months: 1},
	"year": {months: 12}, "years": {months: 12}, "jahr": {months: 12}, "jahren": {months: 12}, "ans": {months: 12}, "años": {months: 12}, "anos": {months: 12},
}

// A part of the day, in seconds since midnight. A word with an s behind it names no single day.
type part struct {
	lo, hi int
	many   bool
}

const (
	hour    = 3600
	minute  = 60
	noon    = 12 * hour
	fullDay = 24 * hour
	// workMorning begins what is open at its beginning: "Tuesday before noon".
	workMorning = 8 * hour
)

var (
	morning   = part{lo: workMorning, hi: noon}
	afternoon = part{lo: noon, hi: 18 * hour}
	evening   = part{lo: 18 * hour, hi: 22 * hour}
	lunch     = part{lo: noon, hi: 14 * hour}
)

func many(p part) part { p.many = true; return p }

var parts = map[string]part{
	"morning": morning, "mornings": many(morning), "afternoon": afternoon, "afternoons": many(afternoon), "evening": evening, "evenings": many(evening), "night": evening,
	"lunchtime": lunch, "morgens": morning, "vormittag": morning, "vormittags": morning, "nachmittag": afternoon, "nachmittags": afternoon, "abend": evening, "abends": evening,
	"mittags": lunch, "matin": morning, "matinée": morning, "après-midi": afternoon, "soir": evening, "soirée": evening, "tarde": afternoon, "noche": evening, "manhã": morning,
	"noite": evening,
}

// prepositions and the like, by what they mean.
var (
	atWords      = words("at @ um à às gegen around about vers approximately approx circa ca ~ like by for à")
	betweenWords = words("between zwischen entre")
	fromWords    = words("from von de das des du vom desde starting beginning dès")
	toWords      = words("- – — to till until untill til through thru bis à a al as às até hasta")
	andWords     = words("and und et y e & to -")
	afterWords   = words("after past nach après despues después depois since ab")
	beforeWords  = words("before until till til by vor avant bis antes up")
	articleWords = words("the den der dem am le la el o a las los du das die")
	nextWords    = words("next following nächsten nächste nächster nächstes kommenden kommende kommender prochain prochaine próximo próxima proximo proxima coming upcoming")
	thisWords    = words("this current diese dieser diesen diesem cette ce este esta esse essa coming upcoming")
	orWords      = words("or and either / oder und ou et o y e & + , alternatively as well also sowie")
	// linkWords may stand between a day and its hour.
	linkWords = words(`on at the in of for from around about between this coming , ( ) - – — @ : any time anytime sometime some only my your is would be say maybe perhaps ish .
		um am im au an der den dem le la el à a las los às de por pela na no en dans con vers gegen etwa so circa ca approx approximately t ' "`)
	// counted: a number before any other word than these counts things.
	hourFollowers = words(`. , ) ( ? ! ; : - – — / ' " or and on if works work is would will was then instead for to till until in at this that today tomorrow tonight my your our ish sharp
		but so with when please est may could can should as o a by from über oder und am im et ou le y o el e ou today's because too also perhaps maybe thanks your next latest earliest
		sí sim oui ja yes uhr onwards onward tmrw either suits suit sounds fine good ok okay great local`)
)
